//! What is run, and how.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// What is run, and how. [`Plan::new`] is what a plain `cargo test` runs; everything else is a field.
#[derive(Clone, Debug)]
pub struct Plan {
    /// A folder of the Cargo project.
    pub folder: PathBuf,
    /// Where Cargo builds, instead of where it would.
    pub target: Option<PathBuf>,
    /// Who runs the tests; nothing for nextest when it is there, and else libtest.
    pub runner: Option<Runner>,
    /// The toolchain, as rustup knows it, such as `nightly`.
    pub toolchain: Option<String>,
    /// The Cargo profile, instead of that of tests.
    pub profile: Option<String>,
    /// The features.
    pub features: Features,
    /// The packages; none for those that Cargo takes by default.
    pub packages: Vec<String>,
    /// All packages of the workspace.
    pub workspace: bool,
    /// What else the runner is told, as it is.
    pub arguments: Vec<OsString>,
    /// What is in the environment of all that is started, beside what is there already.
    pub variables: Vec<(OsString, OsString)>,
    /// After so long all is ended that was started.
    pub time_limit: Option<Duration>,
    /// Where what the runner writes goes.
    pub output: Output,
    /// When it turns true, all is ended that was started.
    pub stop: Option<Arc<AtomicBool>>,
    /// Whether it is waited for instead, for as long as it takes: for whoever is at a terminal, where Ctrl-C has told all
    /// that runs there, and the runner knows best how to end.
    pub stops_by_itself: bool,
}

/// Who runs the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// cargo-nextest.
    Nextest,
    /// `cargo test`.
    Libtest,
}

/// With which features.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Features {
    /// The default ones.
    #[default]
    Default,
    /// None, not even the default ones.
    None,
    /// All.
    All,
    /// The default ones and these.
    Those(Vec<String>),
    /// None but these.
    Only(Vec<String>),
}

/// Where what the runner writes goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Where this process writes, as if the runner had been started by hand.
    Shown,
    /// Nowhere; its end is kept in [`Finished::output`](super::Finished::output). The runner and all that it starts is a
    /// process group of its own, which no Ctrl-C reaches.
    Captured,
}

impl Plan {
    /// The tests that Cargo runs by default in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            target: None,
            runner: None,
            toolchain: None,
            profile: None,
            features: Features::Default,
            packages: Vec::new(),
            workspace: false,
            arguments: Vec::new(),
            variables: Vec::new(),
            time_limit: None,
            output: Output::Shown,
            stop: None,
            stops_by_itself: false,
        }
    }

    /// A command of Cargo's in the folder of the project, with the plan's toolchain, target folder and variables.
    pub(crate) fn cargo(&self, words: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.args(words);
        command
    }

    /// Any command there.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(toolchain) = &self.toolchain {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        if let Some(target) = &self.target {
            command.env("CARGO_TARGET_DIR", target);
        }
        command
    }

    /// Where in the target folder Cargo puts what it builds with the plan's profile.
    pub(crate) fn profile_folder(&self) -> &str {
        match self.profile.as_deref() {
            None | Some("dev" | "test") => "debug",
            Some("bench") => "release",
            Some(profile) => profile,
        }
    }

    /// The words that say to Cargo which packages and features are meant.
    pub(crate) fn selection(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for package in &self.packages {
            words.extend(["--package".to_owned(), package.clone()]);
        }
        if self.workspace {
            words.push("--workspace".to_owned());
        }
        words.extend(self.features.words());
        words
    }

    /// The command line as somebody would type it.
    pub(crate) fn command_line(&self, runner: Runner) -> String {
        let mut words = match runner {
            Runner::Nextest => vec!["cargo".to_owned(), "nextest".to_owned(), "run".to_owned()],
            Runner::Libtest => vec!["cargo".to_owned(), "test".to_owned()],
        };
        if let Some(toolchain) = &self.toolchain {
            words.insert(1, format!("+{toolchain}"));
        }
        words.extend(self.selection());
        words.extend(self.profile_words(runner));
        let arguments = self
            .arguments
            .iter()
            .map(|word| word.to_string_lossy().into_owned());
        words.extend(arguments);
        words.join(" ")
    }

    pub(crate) fn profile_words(&self, runner: Runner) -> Vec<String> {
        let flag = runner.profile_flag().to_owned();
        let profile = self.profile.clone();
        profile.map_or_else(Vec::new, |profile| vec![flag, profile])
    }
}

impl Features {
    pub(crate) fn words(&self) -> Vec<String> {
        let none = "--no-default-features".to_owned();
        let those = |features: &[String]| vec!["--features".to_owned(), features.join(",")];
        match self {
            Self::Default => Vec::new(),
            Self::None => vec![none],
            Self::All => vec!["--all-features".to_owned()],
            Self::Those(features) => those(features),
            Self::Only(features) => [vec![none], those(features)].concat(),
        }
    }

    /// What the environment of a run says of it: empty for the default ones.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Default => String::new(),
            Self::None => "none".to_owned(),
            Self::All => "all".to_owned(),
            Self::Those(features) => format!("default,{}", features.join(",")),
            Self::Only(features) => features.join(","),
        }
    }
}

impl Runner {
    /// The word that stands for it in an [`Environment`](mad_store::Environment).
    pub fn word(self) -> &'static str {
        match self {
            Self::Nextest => "nextest",
            Self::Libtest => "libtest",
        }
    }

    /// How it is told the Cargo profile.
    pub(crate) fn profile_flag(self) -> &'static str {
        match self {
            Self::Nextest => "--cargo-profile",
            Self::Libtest => "--profile",
        }
    }
}
