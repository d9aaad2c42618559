//! A project of Cargo, small and of its own.

use std::fs;

use mad_measure::test_run::{Output, Plan, Runner};

/// It has the features `fast` and `loud`, which do nothing.
pub(crate) struct Project(pub(crate) tempfile::TempDir);

impl Project {
    pub(crate) fn new(library: &str) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        project.write(
            "Cargo.toml",
            "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[features]\nfast = []\nloud = []\n[workspace]\n",
        );
        project.write("src/lib.rs", library);
        project
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    pub(crate) fn plan(&self, runner: Runner) -> Plan {
        let mut plan = Plan::new(self.0.path());
        plan.runner = Some(runner);
        plan.output = Output::Captured;
        plan
    }
}
