//! Which tests are meant, as arguments say it.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use mad_measure::test_run::{Features, Plan, Runner};

/// Which tests, and how they are built. The words are Cargo's.
#[derive(Args, Debug)]
pub(super) struct PlanArguments {
    /// Runs the tests of this package; may be given more than once
    #[arg(short, long = "package", value_name = "SPEC")]
    packages: Vec<String>,
    /// Runs the tests of all packages of the workspace
    #[arg(long)]
    workspace: bool,
    #[command(flatten)]
    features: FeatureArguments,
    /// Builds with this Cargo profile
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Builds with the profile `release`
    #[arg(short, long, conflicts_with = "profile")]
    release: bool,
    /// Who runs the tests; otherwise nextest if it is installed
    #[arg(long, value_name = "RUNNER")]
    runner: Option<RunnerName>,
    /// What else the runner is told, as it is: `mad test -- --no-fail-fast`
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

#[derive(Args, Debug)]
struct FeatureArguments {
    /// Switches these features on, separated by commas
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,
    /// Switches all features on
    #[arg(long, conflicts_with_all = ["features", "no_default_features"])]
    all_features: bool,
    /// Switches the default features off
    #[arg(long)]
    no_default_features: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RunnerName {
    /// cargo-nextest
    Nextest,
    /// `cargo test`
    Libtest,
}

impl PlanArguments {
    /// The plan for the folder in which the command was given.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::new(".");
        plan.packages.clone_from(&self.packages);
        plan.workspace = self.workspace;
        plan.features = self.features.features();
        plan.profile.clone_from(&self.profile);
        if self.release {
            plan.profile = Some("release".to_owned());
        }
        plan.runner = self.runner.map(RunnerName::runner);
        plan.arguments.clone_from(&self.arguments);
        plan
    }
}

impl RunnerName {
    pub(crate) fn runner(self) -> Runner {
        match self {
            Self::Nextest => Runner::Nextest,
            Self::Libtest => Runner::Libtest,
        }
    }
}

impl FeatureArguments {
    fn features(&self) -> Features {
        match (self.all_features, self.no_default_features) {
            (true, _) => Features::All,
            (false, true) if self.features.is_empty() => Features::None,
            (false, true) => Features::Only(self.features.clone()),
            (false, false) if self.features.is_empty() => Features::Default,
            (false, false) => Features::Those(self.features.clone()),
        }
    }
}
