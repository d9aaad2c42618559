//! A page of metrics with any text in it.

use std::collections::{BTreeMap, BTreeSet};

use mad_metrics::open_metrics::OpenMetricsWriter;
use mad_metrics::protobuf::ProtobufWriter;
use mad_metrics::text::TextWriter;
use mad_metrics::{Builder, Escaping, Handle, Page};
use metrics::{Key, KeyName, Label, Level, Metadata, Recorder as _};

use super::judges::{is_exposition, labels_of};
use super::messages;

const ESCAPINGS: [Escaping; 4] = [
    Escaping::Underscores,
    Escaping::Dots,
    Escaping::Values,
    Escaping::AllowUtf8,
];

/// The name of a counter whose labels have legal names, so that they come back as they are.
const PLAIN: &str = "plain_total";

/// Records what a line says: a kind, a name, a help text, then names of labels and their values, with tabs in
/// between, in every format. Whatever they are, each page is one of its format, and all of them say the same.
///
/// # Panics
///
/// If they do not.
pub fn exposition(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let recorder = Builder::new().build().expect("it makes sense");
    for line in text.split('\u{1e}').take(8) {
        let words: Vec<_> = line.split('\u{1f}').collect();
        record(&recorder, &words);
    }
    let handle = recorder.handle();
    for escaping in ESCAPINGS {
        let text = written(&handle, |handle, page| {
            handle.visit(&mut TextWriter::new(page).with_escaping(escaping));
        });
        is_exposition(&text);
        let open_metrics = written(&handle, |handle, page| {
            let mut writer = OpenMetricsWriter::new(page).with_escaping(escaping);
            handle.visit(&mut writer);
            writer.finish();
        });
        let open_metrics = open_metrics.strip_suffix("# EOF\n").expect("it has an end");
        is_exposition(open_metrics);
        let mut page = Page::new();
        let mut writer = ProtobufWriter::new(&mut page).with_escaping(escaping);
        handle.visit(&mut writer);
        writer.finish();
        let families = messages::families(&page.into_bytes());
        let names: BTreeSet<_> = families.iter().map(|family| &family.name).collect();
        assert_eq!(names.len(), families.len(), "each name once: {text}");
        if escaping == Escaping::Underscores {
            let plain = families.iter().find(|family| family.name == PLAIN);
            let plain: Vec<_> = plain
                .map(|family| family.labels.clone())
                .unwrap_or_default();
            assert_eq!(plain, plain_labels(&text), "{text}");
            assert_eq!(plain, plain_labels(open_metrics), "{open_metrics}");
        }
    }
}

/// The labels of the counter whose labels come back as they are.
fn plain_labels(page: &str) -> Vec<BTreeMap<String, String>> {
    let is_it = |line: &&str| {
        let rest = line.strip_prefix(PLAIN);
        rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
    };
    let lines = page.lines().filter(is_it);
    lines.map(labels_of).collect()
}

fn written(handle: &Handle, write: impl FnOnce(&Handle, &mut Page)) -> String {
    let mut page = Page::new();
    write(handle, &mut page);
    String::from_utf8(page.into_bytes()).expect("it is UTF-8")
}

fn record(recorder: &mad_metrics::Recorder, words: &[&str]) {
    let [kind, name, help, labels @ ..] = words else {
        return;
    };
    let metadata = Metadata::new(module_path!(), Level::INFO, None);
    let pairs = labels.chunks_exact(2);
    let own = pairs.map(|pair| Label::new(pair[0].to_owned(), pair[1].to_owned()));
    let key = Key::from_parts((*name).to_owned(), own.collect::<Vec<_>>());
    let described = KeyName::from((*name).to_owned());
    let help = (*help).to_owned().into();
    match kind.len() % 3 {
        0 => {
            recorder.describe_counter(described, None, help);
            recorder.register_counter(&key, &metadata).increment(1);
        }
        1 => {
            recorder.describe_gauge(described, None, help);
            recorder.register_gauge(&key, &metadata).set(-0.5);
        }
        _ => {
            recorder.describe_histogram(described, None, help);
            recorder.register_histogram(&key, &metadata).record(0.1);
        }
    }
    let plain = labels
        .iter()
        .enumerate()
        .map(|(number, value)| Label::new(format!("l{number}"), (*value).to_owned()));
    let plain = Key::from_parts(PLAIN, plain.collect::<Vec<_>>());
    recorder.register_counter(&plain, &metadata).increment(1);
}
