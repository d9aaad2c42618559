//! What call sites keep, while recorders come; one story, as the program's recorder never goes.

use mad_metrics::{Builder, counter, gauge, histogram};
use visits::visit;

mod visits {
    use super::{counter, gauge, histogram};

    /// Everything is one, and has a method that is called as that of a call site.
    trait Greedy: Sized {
        fn handle(self) {}
    }

    impl<T> Greedy for T {}

    pub(super) fn visit() {
        ().handle();
        counter!("visits_total", "door" => "front").increment(1);
        gauge!("inside").increment(1);
        histogram!("stay_seconds").record(0.5);
    }
}

fn lines(page: &str) -> Vec<&str> {
    let lines = page.lines();
    lines
        .filter(|line| {
            ["visits", "inside", "stay_seconds_count"]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .collect()
}

fn borrow(counter: &metrics::Counter) {
    counter.increment(0);
}

#[test]
fn a_call_site_counts_for_the_recorder_of_here_and_now() {
    visit();
    // Two of a test's own, one after the other, perhaps at the same address.
    for _ in 0..2 {
        let own = Builder::new().build().unwrap();
        metrics::with_local_recorder(&own, visit);
        let page = own.handle().render();
        assert_eq!(
            lines(&page),
            [
                "inside 1",
                "stay_seconds_count 1",
                "visits_total{door=\"front\"} 1"
            ]
        );
    }
    let handle = Builder::new().install().unwrap();
    visit();
    visit();
    let own = Builder::new().build().unwrap();
    metrics::with_local_recorder(&own, visit);
    visit();
    assert_eq!(lines(&own.handle().render()).len(), 3);
    let page = handle.render();
    assert_eq!(
        lines(&page),
        [
            "inside 3",
            "stay_seconds_count 3",
            "visits_total{door=\"front\"} 3"
        ]
    );
    // Nor does another one take its place.
    assert!(Builder::new().install().unwrap_err().is_installed());
    let kept = counter!("visits_total", "door" => "front").into_inner();
    kept.increment(1);
    let name = String::from("visits_total");
    counter!(name, "door" => "front").increment(1);
    borrow(&counter!("visits_total", "door" => "front"));
    let cloned: [metrics::Counter; 2] = [
        counter!("visits_total", "door" => "front").clone(),
        counter!("visits_total", "door" => String::from("front")).clone(),
    ];
    for counter in &cloned {
        counter.increment(1);
    }
    assert!(handle.render().contains("visits_total{door=\"front\"} 7\n"));
}
