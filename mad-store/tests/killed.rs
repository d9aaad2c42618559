//! Eight processes write at once, and are killed at any moment: what was acknowledged is there, whole.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use mad_store::{
    Commit, Direction, Environment, Metric, MetricKind, Recording, RunFilter, Sample, Store,
    Subject, SubjectKind,
};

const WRITERS: usize = 8;
const KILLS: usize = 100;
const SAMPLES: usize = 20;

/// What a writer says of each recording that the store has acknowledged.
const ACKNOWLEDGED: &str = "acknowledged ";

#[test]
fn writers_that_are_killed_lose_nothing_that_was_acknowledged_and_damage_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mad.db");
    let (sender, acknowledged) = channel();
    let mut writers: Vec<_> = (0..WRITERS)
        .map(|_| Writer::start(&path, &sender))
        .collect();
    let mut kept = BTreeSet::new();
    for kill in 0..KILLS {
        // Whoever is killed has written something meanwhile, or another one has: then it may have been waiting.
        take(&acknowledged, 1 + kill % 7, &mut kept);
        writers[kill * 5 % WRITERS] = Writer::start(&path, &sender);
    }
    take(&acknowledged, WRITERS, &mut kept);
    drop(writers);
    drop(sender);
    kept.extend(acknowledged);

    let store = Store::open(&path).unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let runs = store.runs(&RunFilter::default()).unwrap();
    let stored: BTreeSet<_> = runs.iter().map(|run| run.key.clone()).collect();
    let lost: Vec<_> = kept.difference(&stored).collect();
    assert!(
        lost.is_empty(),
        "{} of {} are lost: {lost:?}",
        lost.len(),
        kept.len()
    );
    assert!(kept.len() > KILLS, "only {} were written", kept.len());
    for run in &runs {
        let recording = store.recording(run).unwrap();
        assert_eq!(
            recording.samples.len(),
            SAMPLES,
            "{} is there in part",
            run.key
        );
    }
}

fn take(acknowledged: &Receiver<String>, count: usize, kept: &mut BTreeSet<String>) {
    for _ in 0..count {
        kept.insert(
            acknowledged
                .recv_timeout(Duration::from_mins(2))
                .expect("somebody writes"),
        );
    }
}

/// A process that records one run after the other. Dropped, it is killed.
struct Writer(Child);

impl Writer {
    fn start(path: &Path, sender: &Sender<String>) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "records_one_run_after_the_other",
                "--ignored",
                "--nocapture",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(process.stdin.as_ref().unwrap(), "{}", path.display()).unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let sender = sender.clone();
        thread::Builder::new()
            .spawn(move || {
                for line in said.lines().map_while(Result::ok) {
                    if let Some(key) = line.strip_prefix(ACKNOWLEDGED) {
                        _ = sender.send(key.to_owned());
                    }
                }
            })
            .unwrap();
        Self(process)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
#[ignore = "the process of a writer, which the other test starts and kills"]
fn records_one_run_after_the_other() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    let mut store = Store::open(path.trim_end()).unwrap();
    let seconds = Metric::new(
        "test_duration_seconds",
        "seconds",
        MetricKind::Noisy,
        Direction::Lower,
    );
    for at in 0.. {
        let mut recording = Recording::new(Environment::default(), at);
        recording.commit = Some(Commit {
            id: format!("{:040}", at % 10),
            parent: None,
            committed_at: at,
            summary: String::new(),
        });
        for test in 0..SAMPLES {
            let test = Subject::new(SubjectKind::Test, "shop", format!("test_{test}"));
            recording
                .samples
                .push(Sample::new(test, seconds.clone(), 0.25));
        }
        store.record(&recording).unwrap();
        let mut stdout = std::io::stdout().lock();
        // In one piece, so that a kill leaves no half of a key.
        stdout
            .write_all(format!("{ACKNOWLEDGED}{}\n", recording.key).as_bytes())
            .unwrap();
        stdout.flush().unwrap();
    }
}
