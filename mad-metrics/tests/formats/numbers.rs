//! Many series that are one number each are written at once, as if each stood alone.

use mad_metrics::open_metrics::OpenMetricsWriter;
use mad_metrics::protobuf::ProtobufWriter;
use mad_metrics::text::TextWriter;
use mad_metrics::view::{Family, Numbers, Sample, Visitor};
use mad_metrics::{Builder, Escaping, Handle, Page};

/// Takes them one by one, and counts how many came together.
struct OneByOne<V> {
    visitor: V,
    together: usize,
}

impl<V: Visitor> Visitor for OneByOne<V> {
    fn family(&mut self, family: &Family<'_>) -> bool {
        self.visitor.family(family)
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        self.visitor.sample(family, sample);
    }

    fn numbers(&mut self, family: &Family<'_>, numbers: &Numbers<'_>) {
        self.together += numbers.len();
        for sample in numbers.iter() {
            self.sample(family, &sample);
        }
    }
}

/// A recorder with more series than come together, and everything in them that could stand in a line.
fn handle() -> Handle {
    let builder = Builder::new().global_label("zone", "a \"b\"\\\n");
    let recorder = builder.build().expect("the settings make sense");
    metrics::with_local_recorder(&recorder, || {
        for user in 0..300_u32 {
            let route = format!("/{user}\"\\\n}} größe");
            metrics::counter!("orders_total", "route" => route.clone())
                .increment(7_u64.pow(user % 20));
            metrics::gauge!("http.größe", "http.route" => route).set(f64::from(user) / 7.0);
        }
        metrics::counter!("alone").increment(u64::MAX);
        for value in [f64::NAN, f64::INFINITY, -0.0, 1e300, -2.5] {
            metrics::gauge!("odd", "value" => value.to_string()).set(value);
        }
    });
    let handle = recorder.handle();
    assert!(handle.remove("odd", &[("value", "-2.5")]));
    handle
}

fn same(handle: &Handle, page: impl Fn(&mut Page, bool) -> usize) {
    let [mut at_once, mut one_by_one] = [Page::new(), Page::new()];
    page(&mut at_once, false);
    assert!(page(&mut one_by_one, true) > 600);
    let [at_once, one_by_one] = [at_once, one_by_one].map(Page::into_bytes);
    assert_eq!(
        String::from_utf8_lossy(&at_once),
        String::from_utf8_lossy(&one_by_one)
    );
    assert!(handle.render().lines().count() > 600);
}

fn show<V: Visitor>(handle: &Handle, visitor: V, each_alone: bool) -> (V, usize) {
    let mut one_by_one = OneByOne {
        visitor,
        together: 0,
    };
    if each_alone {
        handle.visit(&mut one_by_one);
    } else {
        handle.visit(&mut one_by_one.visitor);
    }
    (one_by_one.visitor, one_by_one.together)
}

const ESCAPINGS: [Escaping; 4] = [
    Escaping::Underscores,
    Escaping::Dots,
    Escaping::Values,
    Escaping::AllowUtf8,
];

#[test]
fn numbers_that_come_together_stand_on_a_page_as_if_each_came_alone() {
    let handle = handle();
    for escaping in ESCAPINGS {
        same(&handle, |page, each_alone| {
            let writer = TextWriter::new(page).with_escaping(escaping);
            show(&handle, writer, each_alone).1
        });
        for has_created in [false, true] {
            same(&handle, |page, each_alone| {
                let mut writer = OpenMetricsWriter::new(page).with_escaping(escaping);
                if has_created {
                    writer = writer.with_created();
                }
                let (writer, together) = show(&handle, writer, each_alone);
                writer.finish();
                together
            });
        }
        same(&handle, |page, each_alone| {
            let writer = ProtobufWriter::new(page).with_escaping(escaping);
            let (writer, together) = show(&handle, writer, each_alone);
            writer.finish();
            together
        });
    }
}
