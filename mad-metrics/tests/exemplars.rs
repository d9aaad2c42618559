//! What is recorded inside a span leads to its trace.

use mad_metrics::open_metrics::OpenMetricsWriter;
use mad_metrics::{Builder, ExemplarLayer, Page, Recorder};
use metrics::{counter, histogram, with_local_recorder};
use tracing::field::{Empty, display};
use tracing::{Span, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Does something with spans that are looked at, and returns the page without times.
fn page_after(record: impl FnOnce()) -> String {
    let recorder = Builder::new().buckets(&[1.0, 10.0]).build().unwrap();
    let subscriber = tracing_subscriber::registry().with(ExemplarLayer::new());
    tracing::subscriber::with_default(subscriber, || with_local_recorder(&recorder, record));
    page(&recorder)
}

fn page(recorder: &Recorder) -> String {
    let mut page = Page::new();
    let mut writer = OpenMetricsWriter::new(&mut page);
    recorder.handle().visit(&mut writer);
    writer.finish();
    String::from_utf8(page.into_bytes()).unwrap()
}

/// Asserts what stands behind the number of a counter that is increased by 3 inside a span.
#[track_caller]
fn check(span: impl FnOnce() -> Span, labels: Option<&str>) {
    let page = page_after(|| span().in_scope(|| counter!("a_total").increment(3)));
    match labels {
        Some(labels) => assert!(
            page.contains(&format!("a_total 3 # {{{labels}}} 3 1")),
            "{page}"
        ),
        None => assert!(page.contains("a_total 3\n"), "{page}"),
    }
}

#[test]
fn a_span_leads_to_its_trace() {
    let trace = format!("trace_id=\"{TRACE}\"");
    check(|| info_span!("request", trace_id = TRACE), Some(&trace));
    check(|| info_span!("request", trace_id = %TRACE), Some(&trace));
    check(
        || info_span!("request", trace_id = TRACE, span_id = 17_u64, other = 1),
        Some(&format!("{trace},span_id=\"17\"")),
    );
    check(|| info_span!("request", other = TRACE), None);
}

#[test]
fn a_span_that_says_nothing_is_of_the_trace_around_it() {
    let trace = format!("trace_id=\"{TRACE}\"");
    let inner = || info_span!("request", trace_id = TRACE).in_scope(|| info_span!("query"));
    check(inner, Some(&trace));
    check(|| info_span!("query"), None);
}

#[test]
fn a_trace_may_become_known_later() {
    let page = page_after(|| {
        let request = info_span!("request", trace_id = Empty);
        request.in_scope(|| {
            counter!("before_total").increment(1);
            Span::current().record("trace_id", display(TRACE));
            counter!("a_total").increment(1);
        });
        counter!("after_total").increment(1);
    });
    assert!(
        page.contains(&format!("\na_total 1 # {{trace_id=\"{TRACE}\"}} 1 1")),
        "{page}"
    );
    assert!(page.contains("before_total 1\n"), "{page}");
    assert!(page.contains("after_total 1\n"), "{page}");
}

#[test]
fn spans_may_be_left_in_any_order() {
    let page = page_after(|| {
        let outer = info_span!("outer", trace_id = "outer").entered();
        let inner = info_span!("inner", trace_id = "inner").entered();
        drop(outer);
        counter!("inner_total").increment(1);
        drop(inner);
        counter!("after_total").increment(1);
    });
    assert!(
        page.contains("inner_total 1 # {trace_id=\"inner\"}"),
        "{page}"
    );
    assert!(page.contains("after_total 1\n"), "{page}");
}

#[test]
fn what_an_exemplar_has_no_room_for_is_passed_over() {
    let letters = |count| "a".repeat(count);
    let trace = format!("trace_id=\"{}\"", letters(120));
    check(
        || info_span!("request", trace_id = letters(120)),
        Some(&trace),
    );
    check(
        || info_span!("request", trace_id = letters(120), span_id = 1),
        Some(&trace),
    );
    check(|| info_span!("request", trace_id = letters(121)), None);
    check(
        || info_span!("request", trace_id = ?vec![7; 1_000_000]),
        None,
    );
    for nothing in ["", "00000000000000000000000000000000"] {
        check(|| info_span!("request", trace_id = nothing), None);
    }
}

#[test]
fn a_hostile_trace_is_none() {
    for hostile in ["\"} 1\n# EOF\\", "a b", "ö", "a\0"] {
        check(|| info_span!("request", trace_id = hostile), None);
    }
}

#[test]
fn each_bucket_has_the_last_of_its_observations() {
    let page = page_after(|| {
        for (trace, seconds) in [("1a", 0.5), ("2b", 100.0), ("3c", 0.25)] {
            info_span!("request", trace_id = trace).in_scope(|| histogram!("wait").record(seconds));
        }
        histogram!("wait").record(0.75);
    });
    for line in [
        "wait_bucket{le=\"1.0\"} 3 # {trace_id=\"3c\"} 0.25 1",
        "wait_bucket{le=\"10.0\"} 3\n",
        "wait_bucket{le=\"+Inf\"} 4 # {trace_id=\"2b\"} 100",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn many_threads_keep_whole_exemplars() {
    let recorder = Builder::new().build().unwrap();
    let subscriber = tracing_subscriber::registry().with(ExemplarLayer::new());
    let dispatch = tracing::Dispatch::new(subscriber);
    std::thread::scope(|scope| {
        for thread in 1..=4_u64 {
            let (recorder, dispatch) = (&recorder, &dispatch);
            scope.spawn(move || {
                tracing::dispatcher::with_default(dispatch, || {
                    let request = info_span!("request", trace_id = thread, span_id = thread);
                    let count = || (0..1_000).for_each(|_| counter!("a_total").increment(thread));
                    request.in_scope(|| with_local_recorder(recorder, count));
                });
            });
        }
    });
    let page = page(&recorder);
    let is_of = |thread: u64| {
        let exemplar = format!("trace_id=\"{thread}\",span_id=\"{thread}\"}} {thread} ");
        page.contains(&format!("a_total 10000 # {{{exemplar}"))
    };
    assert!((1..=4).any(is_of), "{page}");
}
