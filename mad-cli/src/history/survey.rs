//! What can be told of all commits without building any of them: what their sources measure, and which are alike.

use std::collections::HashMap;

use mad_measure::source::{self, SourceFile};
use mad_store::{
    Commit, Environment, Recording, RunFilter, Sample, Store, StoreError, SubjectKind,
};

use super::progress::Progress;
use super::tree::Tree;
use crate::fingerprint;
use crate::git::{Blobs, Entry, GitError, Repository};
use crate::interrupt::Interrupt;

/// So many commits are kept at once: to wait for a disk takes longer than to look at sources again, should somebody end it.
const KEPT_AT_ONCE: usize = 50;

/// What stands in the store as the command.
const COMMAND: &str = "mad history: sources";

/// What commits are built from, as a word: commits that are alike have the same.
pub(super) type Contents = HashMap<String, String>;

/// Measures the sources of all commits that nobody has measured yet, and tells what each is built from.
pub(super) fn survey(
    repository: &Repository,
    commits: &[Commit],
    store: &mut Store,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<Contents, SurveyError> {
    let known = store.runs(&RunFilter::default())?;
    let known: HashMap<&str, &str> = known
        .iter()
        .filter_map(|run| Some((run.key.as_str(), run.content.as_deref()?)))
        .collect();
    let mut surveyor = Surveyor {
        repository,
        blobs: repository.blobs()?,
        samples: HashMap::new(),
    };
    let mut contents = Contents::new();
    let mut unkept = Vec::new();
    progress.begins("sources", commits.len());
    for commit in commits.iter().rev() {
        if interrupt.is_raised() {
            break;
        }
        let key = key(commit);
        let content = if let Some(content) = known.get(key.as_str()) {
            (*content).to_owned()
        } else {
            let recording = surveyor.recording(commit, key)?;
            let content = recording.content.clone().unwrap_or_default();
            unkept.push(recording);
            content
        };
        if unkept.len() >= KEPT_AT_ONCE {
            store.record_all(&unkept)?;
            unkept.clear();
        }
        contents.insert(commit.id.clone(), content);
        progress.advances();
    }
    store.record_all(&unkept)?;
    progress.ends();
    Ok(contents)
}

/// The key of what the sources of a commit measure.
pub(super) fn key(commit: &Commit) -> String {
    fingerprint::of([COMMAND, &commit.id])
}

struct Surveyor<'repository> {
    repository: &'repository Repository,
    blobs: Blobs,
    /// What was measured of each content.
    samples: HashMap<String, Vec<Sample>>,
}

impl Surveyor<'_> {
    fn recording(&mut self, commit: &Commit, key: String) -> Result<Recording, SurveyError> {
        let mut recording = Recording::new(Environment::default(), super::milliseconds_now());
        let entries = self.repository.entries(&commit.id)?;
        let files = self.files(&entries)?;
        let reads_documents = files.iter().any(reads_documents);
        let content = Tree::from(entries).content(reads_documents);
        let samples = self.samples.entry(content.clone());
        let samples = samples.or_insert_with(|| of_files_and_above(source::measure(files)));
        recording.samples.clone_from(samples);
        COMMAND.clone_into(&mut recording.command);
        recording.key = key;
        recording.commit = Some(commit.clone());
        recording.content = Some(content);
        Ok(recording)
    }

    fn files(&mut self, entries: &[Entry]) -> Result<Vec<SourceFile>, GitError> {
        let wanted = entries
            .iter()
            .filter(|entry| source::is_wanted(&entry.path));
        wanted
            .filter_map(|entry| Some((entry, entry.blob()?)))
            .map(|(entry, blob): (&Entry, &str)| {
                Ok(SourceFile::new(entry.path.as_str(), self.blobs.read(blob)?))
            })
            .collect()
    }
}

/// All but functions, of which a long history would keep millions of numbers.
fn of_files_and_above(mut samples: Vec<Sample>) -> Vec<Sample> {
    samples.retain(|sample| sample.subject.kind != SubjectKind::Function);
    samples
}

/// Whether a file speaks of documents, whose kind may be in capitals. A manifest does so for the registry's sake.
fn reads_documents(file: &SourceFile) -> bool {
    const WORD: &[u8] = b".md";
    let is_manifest = file.path.ends_with("Cargo.toml");
    !is_manifest
        && file
            .content
            .windows(WORD.len())
            .any(|window| window.eq_ignore_ascii_case(WORD))
}

/// Why the sources of commits could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SurveyError {
    #[error("a commit cannot be read")]
    Git(#[from] GitError),
    #[error("what was measured cannot be kept")]
    Store(#[from] StoreError),
}
