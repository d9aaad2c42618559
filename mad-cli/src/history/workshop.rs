//! A work tree that is moved from commit to commit, and measured at each.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mad_measure::metric;
use mad_measure::test_run::{self, Output};
use mad_store::{Commit, Recording, Sample, Status};

use super::dependencies::{Dependencies, Turn};
use super::flags;
use super::hindrance;
use super::leftovers;
use super::locks::Locks;
use super::manifest::Manifest;
use super::measurement::{Bench, CameTo, Measurement};
use super::needed::Needed;
use super::overlay::OverlayError;
use super::plan::Plan;
use super::slots::{Slot, SlotError};
use super::target::Target;
use super::tree::{MANIFEST, Tree};
use super::walk::WalkError;
use crate::fingerprint;
use crate::git::{GitError, Repository};
use crate::output::with_causes;

/// What came of a measurement.
#[derive(Debug)]
pub(super) enum Measured {
    Recording(Box<Recording>),
    /// The commit could not be made ready, or what it needs is not there now.
    NotThere(WorkshopError),
    /// Somebody wants no more of it.
    Stopped,
}

impl Measured {
    fn has(&self, what: impl FnOnce(&Recording) -> bool) -> bool {
        matches!(self, Self::Recording(recording) if what(recording))
    }
}

/// Whether a documentation test has failed, or something that may have been one has ended otherwise.
fn may_have_failed_in_documentation(recording: &Recording) -> bool {
    let is_failed = |sample: &Sample| {
        sample.metric.name == metric::TEST_PASSED.name
            && sample.subject.name.starts_with("doc::")
            && sample.value < 0.5
    };
    recording.status == Status::Crashed || recording.samples.iter().any(is_failed)
}

/// A work tree with what is built of it.
#[derive(Debug)]
pub(super) struct Workshop<'plan> {
    plan: &'plan Plan,
    slot: Slot,
    tree: Repository,
    target: Target,
    locks: Locks,
    /// What the work tree was when something was last built of it.
    built: Option<Tree>,
    /// The commit that it was moved to.
    at: Option<String>,
    dependencies: Arc<Dependencies>,
    /// Which were built here, by words for what decides on them.
    built_dependencies: HashSet<String>,
    /// Those of the commit that it was moved to.
    wanted: String,
    /// Whether something was left out of its manifest.
    is_trimmed: bool,
    /// Whether documentation tests are whole programs: since one has failed that was none.
    has_whole_documentation_tests: bool,
    stop: Arc<AtomicBool>,
}

impl<'plan> Workshop<'plan> {
    /// Makes the work tree. All of them are made one after another: git has one list of them.
    pub(super) fn open(
        plan: &'plan Plan,
        slot: Slot,
        most_bytes: u64,
        commit: &Commit,
        dependencies: Arc<Dependencies>,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, WorkshopError> {
        let tree = slot.make_tree(&commit.id)?;
        if let Some(probe) = &plan.probe {
            probe
                .copy_to(&slot.folder().join("probe"), tree.root())
                .map_err(WorkshopError::Probe)?;
        }
        Ok(Self {
            plan,
            tree,
            target: Target::new(slot.target(), most_bytes),
            locks: Locks::new(&plan.folder, slot.folder()),
            slot,
            built: None,
            at: None,
            dependencies,
            built_dependencies: HashSet::new(),
            wanted: String::new(),
            is_trimmed: false,
            has_whole_documentation_tests: !plan.is_of_own_tests(),
            stop,
        })
    }

    /// Whether another workshop builds dependencies, so that whoever needs some would wait.
    pub(super) fn would_wait(&self) -> bool {
        self.dependencies.are_being_built()
    }

    /// Measures something at a commit, of which no more is built than is needed. Should it come to nothing good that way, it is
    /// built as Cargo would have it: what counts is what comes of that.
    pub(super) fn measure(
        &mut self,
        measurement: &Measurement,
        commit: &Commit,
        needed: Needed,
    ) -> Result<Measured, WalkError> {
        let measured = self.measure_once(measurement, commit, needed)?;
        let has_whole = self.has_whole_documentation_tests || needed.whole_documentation_tests;
        let has_failed_in_documentation = measured.has(may_have_failed_in_documentation);
        // Not once more for each of the commits beside this one.
        self.has_whole_documentation_tests |= has_failed_in_documentation;
        let is_for_lack_of_something = if has_failed_in_documentation {
            self.is_trimmed || !has_whole
        } else {
            let has_failed = |recording: &Recording| recording.status == Status::BuildFailed;
            self.is_trimmed && measured.has(has_failed)
        };
        if !is_for_lack_of_something {
            return Ok(measured);
        }
        if self.is_trimmed {
            (self.at, self.built) = (None, None);
        }
        self.measure_once(measurement, commit, Needed::ALL)
    }

    fn measure_once(
        &mut self,
        measurement: &Measurement,
        commit: &Commit,
        needed: Needed,
    ) -> Result<Measured, WalkError> {
        let dependencies = Arc::clone(&self.dependencies);
        let turn = match self.move_to(commit, needed, &dependencies) {
            Ok(turn) => turn,
            Err(error) => return Ok(Measured::NotThere(error)),
        };
        let mut recording = match measurement.measure(self.bench(commit, needed, turn))? {
            CameTo::Recording(recording) => recording,
            CameTo::Hindered(hindrance) => {
                return Ok(Measured::NotThere(WorkshopError::Hindered(hindrance)));
            }
            CameTo::Nothing => return Ok(Measured::Stopped),
        };
        recording.reason = recording
            .reason
            .take()
            .map(|reason| self.told(&recording, &reason));
        if !matches!(recording.status, Status::BuildFailed | Status::TimedOut) {
            self.built_dependencies.insert(self.wanted.clone());
        }
        // Where something was left out, so it is in the lock file.
        if !self.is_trimmed {
            let keep = self.locks.keep(self.tree.root(), self.built.as_ref());
            keep.map_err(WalkError::Lock)?;
        }
        Ok(Measured::Recording(recording))
    }

    /// A reason in which paths begin at the top of the work tree, or beside it: where that is, is nothing to a reader.
    fn told(&self, recording: &Recording, reason: &str) -> String {
        let [root, beside] =
            [self.tree.root(), self.slot.folder()].map(|path| path.display().to_string());
        let within = reason.replace(&format!("{root}/"), "").replace(&root, ".");
        let mut told = within.replace(&format!("{beside}/"), "");
        let has_submodules = self.built.as_ref().is_some_and(Tree::has_submodules);
        if recording.status == Status::BuildFailed && has_submodules {
            told.push_str(" (submodules are not fetched)");
        }
        told
    }

    /// Moves to a commit, and makes sure that nothing of another is taken for it. If its dependencies may have to be built,
    /// that is done when it is this workshop's turn, which is the answer.
    fn move_to<'walk>(
        &mut self,
        commit: &Commit,
        needed: Needed,
        dependencies: &'walk Dependencies,
    ) -> Result<Option<Turn<'walk>>, WorkshopError> {
        if self.at.as_ref() == Some(&commit.id) {
            return Ok(None);
        }
        // Should it not get through, all counts as different next time.
        self.at = None;
        self.check_out(commit)?;
        let mut built = self.built.take().unwrap_or_default();
        for overlay in &self.plan.overlays {
            overlay.put_into(&self.tree)?;
        }
        let tree = Tree::of(&self.tree, &commit.id)?;
        let put = self.locks.put(self.tree.root(), &tree);
        put.map_err(WorkshopError::File)?;
        self.is_trimmed = self.trim(needed).map_err(WorkshopError::File)?;
        self.wanted = self.dependencies_of(&tree);
        let is_new = needed.others && !self.built_dependencies.contains(&self.wanted);
        let mut turn = is_new.then(|| dependencies.wait());
        if let Some(turn) = &turn {
            self.take_over(turn).map_err(WorkshopError::File)?;
            // All is newer than what came from others, too.
            built = Tree::default();
        }
        let overlaid: Vec<String> = self
            .plan
            .overlays
            .iter()
            .flat_map(|overlay| overlay.files(self.tree.root()))
            .collect();
        let mut files = tree.files_of_what_differs(&built);
        files.extend(overlaid.iter().map(String::as_str));
        let is_emptied = self
            .target
            .is_older_than(self.tree.root(), &files)
            .map_err(WorkshopError::File)?;
        if is_emptied {
            self.built_dependencies.clear();
            if turn.is_none() && needed.others {
                turn = Some(dependencies.wait());
            }
        }
        self.built = Some(tree);
        if !self.folder().is_dir() {
            return Err(WorkshopError::NoFolder(self.plan.folder.clone()));
        }
        self.at = Some(commit.id.clone());
        Ok(turn)
    }

    /// Checks a commit out. What was run at the one before may have left anything behind: a server, a lock of git's, folders
    /// that may not be written, or no work tree at all. Then there is a new one.
    fn check_out(&mut self, commit: &Commit) -> Result<(), WorkshopError> {
        self.slot.end_processes();
        if self.tree.check_out(&commit.id).is_err() {
            self.built = None;
            self.tree = self.slot.make_tree(&commit.id)?;
            self.tree.check_out(&commit.id)?;
        }
        Ok(())
    }

    /// The place to measure the commit at that was moved to.
    fn bench<'walk>(
        &self,
        commit: &Commit,
        needed: Needed,
        turn: Option<Turn<'walk>>,
    ) -> Bench<'plan, 'walk> {
        let mut run = test_run::Plan::new(self.folder());
        run.target = Some(self.target.folder().to_owned());
        run.toolchain.clone_from(&self.plan.machine.chosen);
        run.variables = self.variables(commit, needed);
        run.time_limit = Some(self.plan.time_limit);
        run.output = Output::Captured;
        run.stop = Some(Arc::clone(&self.stop));
        Bench {
            run,
            build_limit: self.plan.build_limit,
            has_manifest: self.plan.probe.is_some() || self.has_manifest(),
            turn,
            machine: &self.plan.machine,
        }
    }

    fn has_manifest(&self) -> bool {
        let mut folders = self.plan.folder.ancestors();
        folders.any(|folder| self.tree.root().join(folder).join(MANIFEST).is_file())
    }

    fn take_over(&self, turn: &Turn<'_>) -> io::Result<()> {
        let others = turn.folders().iter();
        let mut others = others.filter(|folder| *folder != self.target.folder());
        others.try_for_each(|other| self.target.take_missing(other))
    }

    /// Leaves out of the manifest what is not needed; whether there was anything is the answer.
    fn trim(&self, needed: Needed) -> io::Result<bool> {
        let path = self.tree.root().join(MANIFEST);
        let manifest = fs::read_to_string(&path).ok();
        let trimmed = manifest.and_then(|text| needed.trimmed(&text));
        let is_any = trimmed.is_some();
        trimmed.map_or(Ok(()), |text| fs::write(path, text))?;
        Ok(is_any)
    }

    /// A word for what decides on dependencies.
    fn dependencies_of(&self, tree: &Tree) -> String {
        let parts = tree.manifests().flat_map(|(path, content)| {
            let file = self.tree.root().join(path);
            // A link may lead anywhere, also to what is never read to its end.
            let is_file = || fs::symlink_metadata(&file).is_ok_and(|data| data.is_file());
            let text = (Tree::is_manifest(path) && is_file()).then(|| fs::read_to_string(&file));
            let manifest = text
                .and_then(Result::ok)
                .as_deref()
                .and_then(Manifest::read);
            let word =
                manifest.map_or_else(|| content.to_owned(), |manifest| manifest.without_version);
            [path.to_owned(), word]
        });
        fingerprint::of(parts)
    }

    /// Takes the work tree away, and what was built.
    pub(super) fn close(self) -> Result<(), SlotError> {
        self.slot.remove()
    }

    /// Where what is measured is run.
    fn folder(&self) -> PathBuf {
        match self.plan.probe {
            Some(_) => self.slot.folder().join("probe"),
            None => self.tree.root().join(&self.plan.folder),
        }
    }

    fn variables(&self, commit: &Commit, needed: Needed) -> Vec<(OsString, OsString)> {
        let mut variables = flags::of_builds(
            self.plan,
            self.dependencies.pieces(),
            self.has_whole_documentation_tests || needed.whole_documentation_tests,
        );
        variables.push(("MAD_COMMIT".into(), commit.id.as_str().into()));
        variables.push(("MAD_TREE".into(), self.tree.root().into()));
        // What is on its way to the target folder is kept there too, wherever the settings of a commit or user have it.
        let built = self.target.folder().into();
        variables.push(("CARGO_BUILD_BUILD_DIR".into(), built));
        variables.push(leftovers::mark(self.slot.folder()));
        variables
    }
}

impl WorkshopError {
    /// What became of the commit.
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Hindered(_) => Status::BuildFailed,
            _ => Status::CheckoutFailed,
        }
    }

    /// Whether the commit is as it is, so that nobody need try again: all that is not plainly want of room, memory or network.
    pub(super) fn is_of_commit(&self) -> bool {
        match self {
            Self::Hindered(_) => false,
            _ => hindrance::found(Status::BuildFailed, &with_causes(self)).is_none(),
        }
    }
}

/// Why a commit could not be made ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkshopError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Slot(#[from] SlotError),
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    #[error("the probe cannot be copied")]
    Probe(#[source] io::Error),
    #[error("the commit has no folder {}", .0.display())]
    NoFolder(PathBuf),
    #[error("the work tree cannot be written")]
    File(#[source] io::Error),
    #[error("no fault of the commit, but of a full disk, of memory or of the network: {0}")]
    Hindered(String),
}
