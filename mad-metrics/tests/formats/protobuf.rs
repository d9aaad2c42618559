//! The protobuf format, read back by a crate that knows the messages only.

use expect_test::expect_file;
use mad_metrics::protobuf::ProtobufWriter;
use mad_metrics::view::{
    Family, Histogram, Kind, LabelText, Labels, NativeHistogram, Sample, Value, Visitor,
};
use mad_metrics::{Builder, Escaping, Page};
use metrics::{gauge, with_local_recorder};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::families;
use crate::messages::{self, Histogram as Message, MetricFamily, Span};

fn written(escaping: Escaping, show: impl FnOnce(&mut ProtobufWriter<'_>)) -> Vec<MetricFamily> {
    let mut page = Page::new();
    let mut writer = ProtobufWriter::new(&mut page).with_escaping(escaping);
    show(&mut writer);
    writer.finish();
    messages::families(&page.into_bytes())
}

#[test]
fn protobuf_reads_back() {
    let page = written(Escaping::Underscores, |writer| families::show(writer));
    expect_file!["golden/protobuf.txt"].assert_eq(&format!("{page:#?}\n"));
}

#[test]
fn names_of_any_kind_are_in_it() {
    let page = written(Escaping::AllowUtf8, |writer| families::show(writer));
    let family = page
        .iter()
        .find(|family| family.name == "zz.requests_total");
    let labels = &family.expect("it has its own name").metric[0].label;
    assert_eq!(labels[1].name, "http.method");
    let page = written(Escaping::Dots, |writer| families::show(writer));
    assert!(
        page.iter()
            .any(|family| family.name == "zz_dot_requests__total")
    );
}

#[test]
fn a_family_of_many_blocks_is_one_message() {
    let page = written(Escaping::Underscores, |writer| {
        for name in ["a_total", "b_total"] {
            let family = Family::new(name, Kind::Counter);
            writer.family(&family);
            for number in 0..3_000 {
                let labels = LabelText::from_iter([("number", number.to_string())]);
                writer.sample(&family, &Sample::count(labels.labels(), number));
            }
        }
    });
    let counts: Vec<_> = page.iter().map(|family| family.metric.len()).collect();
    assert_eq!(counts, [3_000, 3_000]);
}

#[test]
fn labels_that_are_recorded_alike_have_the_names_of_their_family() {
    let recorder = Builder::new().build().unwrap();
    with_local_recorder(&recorder, || {
        gauge!("a", "x.y" => "1", "z" => "2").set(1.0);
        gauge!("b", "x:y" => "1", "z" => "2").set(1.0);
    });
    let page = written(Escaping::AllowUtf8, |writer| {
        recorder.handle().visit(writer);
    });
    let first_label = |family: &MetricFamily| family.metric[0].label[0].name.clone();
    let names: Vec<_> = page.iter().take(2).map(first_label).collect();
    assert_eq!(names, ["x.y", "x:y"]);
}

/// Adds up spans and differences, as a reader does.
fn buckets(spans: &[Span], deltas: &[i64]) -> Vec<(i32, u64)> {
    let mut deltas = deltas.iter();
    let (mut index, mut count, mut buckets) = (0, 0, Vec::new());
    for span in spans {
        index += span.offset;
        for _ in 0..span.length {
            count += deltas.next().expect("a difference for each bucket");
            buckets.push((index, count.cast_unsigned()));
            index += 1;
        }
    }
    buckets
}

fn histogram(native: &NativeHistogram) -> Message {
    let family = Family::new("a", Kind::Histogram);
    let histogram = Histogram {
        counts: &[native.count],
        sum: native.sum,
        exemplars: &[],
        native: Some(native),
    };
    let page = written(Escaping::Underscores, |writer| {
        writer.family(&family);
        let value = Value::Histogram(histogram);
        writer.sample(&family, &Sample::new(Labels::NONE, value));
    });
    page[0].metric[0].histogram.clone().expect("it is one")
}

#[test]
fn a_native_histogram_that_has_counted_nothing_is_known_as_one() {
    let message = histogram(&NativeHistogram::default());
    let span = Span {
        offset: 0,
        length: 0,
    };
    assert_eq!(message.positive_span, [span]);
    assert_eq!(message.schema, Some(0));
}

proptest! {
    #[test]
    fn native_buckets_read_back(
        positive in btree_map(-40..40_i32, 1..u64::from(u32::MAX), 0..20),
        negative in btree_map(-1000..1000_i32, 1..9_u64, 0..9),
        zero_count in 0..9_u64,
        schema in -4..=8_i32,
    ) {
        let counts = positive.values().chain(negative.values());
        let native = NativeHistogram {
            schema,
            zero_threshold: 0.5,
            zero_count,
            count: zero_count + counts.sum::<u64>(),
            sum: 1.5,
            positive: positive.into_iter().collect(),
            negative: negative.into_iter().collect(),
        };
        let message = histogram(&native);
        prop_assert_eq!(buckets(&message.positive_span, &message.positive_delta), &native.positive[..]);
        prop_assert_eq!(buckets(&message.negative_span, &message.negative_delta), &native.negative[..]);
        prop_assert_eq!(message.sample_count, native.count);
        prop_assert_eq!(message.zero_count, zero_count);
        prop_assert_eq!(message.schema, Some(schema));
    }

    #[test]
    fn labels_and_help_read_back(help in "(?s).{1,300}", values in vec("(?s).{0,200}", 0..4)) {
        let family = Family::new("a_total", Kind::Counter).with_help(&help);
        let names = ["a", "b", "c", "d"];
        let labels: LabelText = names.iter().zip(&values).collect();
        let page = written(Escaping::Underscores, |writer| {
            writer.family(&family);
            writer.sample(&family, &Sample::count(labels.labels(), 7));
        });
        prop_assert_eq!(&page[0].help, &help);
        let read: Vec<_> = page[0].metric[0].label.iter().map(|pair| &pair.value).collect();
        let shown: Vec<_> = values.iter().map(|value| value.replace('\r', "\n")).collect();
        prop_assert_eq!(read, shown.iter().collect::<Vec<_>>());
    }
}
