//! The sources, which are measured while the tests run: once, for as long as they stay what they are.

use std::path::Path;
use std::thread::{self, JoinHandle};
use std::{io, iter};

use mad_measure::metric;
use mad_measure::source::{self, SourceFile};
use mad_measure::test_run::give_way;
use mad_store::{Environment, Recording};

use super::known;
use crate::head::Head;
use crate::output::complain;
use crate::store_place::StoreArguments;
use crate::{fingerprint, history};

/// Sources that are being measured.
pub(super) struct Sources(JoinHandle<Option<Recording>>);

impl Sources {
    pub(super) fn begin(head: &Head, store: &StoreArguments) -> io::Result<Self> {
        let builder = thread::Builder::new().name("mad-sources".to_owned());
        let (root, words) = (head.root.clone(), head.words());
        let (branch, store) = (head.branch.clone(), store.clone());
        let work = move || {
            give_way();
            let recording = recording(&root, &words, branch, &store);
            recording
                .inspect_err(|error| {
                    complain(format!("the sources could not be measured: {error}"));
                })
                .ok()
        };
        builder.spawn(work).map(Self)
    }

    /// What they came to, as a recording without its commit; of what the store has already, the sums alone.
    pub(super) fn end(self) -> Option<Recording> {
        self.0.join().ok().flatten()
    }
}

fn recording(
    root: &Path,
    head: &[String],
    branch: Option<String>,
    store: &StoreArguments,
) -> io::Result<Recording> {
    let files = source::read_folder(root)?;
    // Where and how anything is built makes no difference.
    let mut recording = Recording::new(Environment::default(), history::milliseconds_now());
    "mad test".clone_into(&mut recording.command);
    recording.branch = branch;
    recording.content = Some(content(head, &files));
    match known::sums(&recording, store) {
        Some((run, samples)) => {
            // It is the same recording.
            recording.key = run.key;
            recording.samples = samples;
        }
        None => recording.samples = source::measure(files),
    }
    Ok(recording)
}

/// The same for the same files of the same commit, measured in the same way.
fn content(head: &[String], files: &[SourceFile]) -> String {
    let program = iter::once(concat!("mad test ", env!("CARGO_PKG_VERSION")).as_bytes());
    let metrics = metric::ALL.iter().map(|metric| metric.name.as_bytes());
    let head = head.iter().map(String::as_bytes);
    let files = files
        .iter()
        .flat_map(|file| [file.path.as_bytes(), file.content.as_slice()]);
    fingerprint::of(program.chain(metrics).chain(head).chain(files))
}
