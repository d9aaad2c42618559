//! The text formats.

use expect_test::expect_file;
use mad_metrics::open_metrics::OpenMetricsWriter;
use mad_metrics::text::TextWriter;
use mad_metrics::view::{Family, Histogram, Kind, LabelText, Labels, Sample, Value, Visitor};
use mad_metrics::{Escaping, Page};

use proptest::prelude::*;

use crate::families;

fn written(page: Page) -> String {
    String::from_utf8(page.into_bytes()).expect("it is text")
}

fn text(escaping: Escaping, show: impl FnOnce(&mut TextWriter<'_>)) -> String {
    let mut page = Page::new();
    show(&mut TextWriter::new(&mut page).with_escaping(escaping));
    written(page)
}

fn open_metrics(escaping: Escaping, show: impl FnOnce(&mut OpenMetricsWriter<'_>)) -> String {
    let mut page = Page::new();
    let mut writer = OpenMetricsWriter::new(&mut page).with_escaping(escaping);
    show(&mut writer);
    writer.finish();
    written(page)
}

#[test]
fn text_for_every_scraper() {
    let page = text(Escaping::Underscores, |writer| families::show(writer));
    expect_file!["golden/text-0.0.4.txt"].assert_eq(&page);
}

#[test]
fn text_with_any_names() {
    let page = text(Escaping::AllowUtf8, |writer| families::show(writer));
    expect_file!["golden/text-1.0.0.txt"].assert_eq(&page);
}

#[test]
fn open_metrics_for_every_scraper() {
    let page = open_metrics(Escaping::Underscores, |writer| families::show(writer));
    expect_file!["golden/open-metrics.txt"].assert_eq(&page);
}

#[test]
fn open_metrics_with_any_names() {
    let page = open_metrics(Escaping::AllowUtf8, |writer| families::show(writer));
    expect_file!["golden/open-metrics-utf-8.txt"].assert_eq(&page);
}

#[test]
fn open_metrics_with_escaped_names() {
    for (escaping, file) in [
        (Escaping::Dots, expect_file!["golden/open-metrics-dots.txt"]),
        (
            Escaping::Values,
            expect_file!["golden/open-metrics-values.txt"],
        ),
    ] {
        file.assert_eq(&open_metrics(escaping, |writer| families::show(writer)));
    }
}

#[test]
fn when_a_series_began_is_told_if_asked_for() {
    let mut page = Page::new();
    let mut writer = OpenMetricsWriter::new(&mut page).with_created();
    families::show(&mut writer);
    writer.finish();
    let page = written(page);
    let created: Vec<_> = page
        .lines()
        .filter(|line| line.contains("_created"))
        .collect();
    assert_eq!(
        created,
        [
            "sent_bytes_created{method=\"GET\",code=\"200\"} 1600000000.250",
            "wait_seconds_created{route=\"/\"} 1600000000.000",
        ]
    );
}

/// Shows families without labels, each with one sample.
fn show(writer: &mut impl Visitor, families: &[(&str, Kind)]) {
    for (name, kind) in families {
        let family = Family::new(name, *kind);
        writer.family(&family);
        let histogram = Histogram {
            counts: &[1],
            sum: 1.0,
            exemplars: &[],
            native: None,
        };
        let sample = match kind {
            Kind::Histogram => Sample::new(Labels::NONE, Value::Histogram(histogram)),
            _ => Sample::count(Labels::NONE, 1),
        };
        writer.sample(&family, &sample);
    }
}

#[test]
fn families_that_open_metrics_would_mix_up_are_kept_apart() {
    use Kind::{Counter, Gauge, Histogram, Info};
    let check = |families: &[(&str, Kind)], expected: &[&str]| {
        let page = open_metrics(Escaping::Underscores, |writer| show(writer, families));
        let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        assert_eq!(types.collect::<Vec<_>>(), expected);
    };
    check(
        &[("a", Gauge), ("a_total", Counter)],
        &["a gauge", "a_total unknown"],
    );
    check(
        &[("a_created", Gauge), ("a_total", Counter)],
        &["a_created gauge", "a_total unknown"],
    );
    check(
        &[("a", Counter), ("a_total", Counter)],
        &["a unknown", "a_total unknown"],
    );
    check(
        &[("a", Gauge), ("a_info", Info)],
        &["a gauge", "a_info gauge"],
    );
    // A gauge can be nothing else.
    check(
        &[("a", Histogram), ("a_created", Gauge), ("b", Gauge)],
        &["a histogram", "b gauge"],
    );
}

#[test]
fn a_counter_that_counted_nothing_sensible_has_no_sample() {
    for number in [f64::NAN, -1.0] {
        let page = open_metrics(Escaping::Underscores, |writer| {
            let family = Family::new("a_total", Kind::Counter);
            writer.family(&family);
            writer.sample(&family, &Sample::gauge(Labels::NONE, number));
        });
        assert_eq!(page, "# TYPE a counter\n# EOF\n");
    }
}

proptest! {
    #[test]
    fn any_help_and_any_label_stay_on_their_lines(help in "(?s).{1,40}", value in "(?s).{0,40}", name in "(?s).{1,20}") {
        let family = Family::new("a_total", Kind::Counter)
            .with_help(&help)
            .with_originals(&name, &[]);
        let labels = LabelText::from_iter([("a", &value)]);
        for escaping in [Escaping::Underscores, Escaping::Dots, Escaping::Values, Escaping::AllowUtf8] {
            let show = |writer: &mut dyn Visitor| {
                writer.family(&family);
                writer.sample(&family, &Sample::count(labels.labels(), 7));
            };
            let page = text(escaping, |writer| show(writer));
            prop_assert_eq!(page.matches('\n').count(), 3);
            let end = format!("{}}} 7\n", labels.labels().as_str());
            prop_assert!(page.ends_with(&end), "{}", page);
            let page = open_metrics(escaping, |writer| show(writer));
            prop_assert_eq!(page.matches('\n').count(), 4);
        }
    }
}
