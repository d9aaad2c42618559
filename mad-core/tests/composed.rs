//! Annotations among the attributes and macros of others, as docs/composing.md has it.
//!
//! Each `#[self_test]` below is run by the unit test that it makes; the tests beside them look at
//! what such a run cannot show. What is refused has its file in `tests/refused`.

use std::sync::{Arc, Mutex, OnceLock};

use mad_core::{Registry, health_check, provider, self_test};

#[track_caller]
fn check_registered(names: &[&str]) {
    let registry = Registry::linked().unwrap();
    for name in names {
        assert!(registry.get(name).is_some(), "{name} is not registered");
    }
}

/// Runs what is left out of `cargo test`, and returns what it panicked with.
fn failure_of(unit_test: fn()) -> String {
    let panic = std::panic::catch_unwind(unit_test).expect_err("it passed");
    *panic.downcast::<String>().unwrap()
}

mod googletest_matchers {
    use super::self_test;
    use googletest::matchers::{contains, eq, len, starts_with};
    use googletest::{assert_that, expect_that, verify_that};

    #[self_test(effects = pure)]
    fn asserted() {
        assert_that!(vec![1, 2, 3], len(eq(3)));
    }

    #[self_test(effects = pure)]
    fn verified() -> Result<(), String> {
        verify_that!("orders", starts_with("or")).map_err(|failure| failure.to_string())
    }

    #[self_test(effects = pure, ignore = "it fails, and a test looks how")]
    fn refuted() -> Result<(), String> {
        verify_that!(vec![1, 2], contains(eq(&7))).map_err(|failure| failure.to_string())
    }

    #[self_test(effects = pure, ignore = "it fails, and a test looks how")]
    fn expected() {
        expect_that!(1, eq(1));
    }

    #[test]
    fn a_matcher_explains_itself_in_the_report() {
        let failure = super::failure_of(self_test__refuted);
        assert!(failure.contains("which does not contain"), "{failure}");
    }

    #[test]
    fn an_expectation_needs_what_gtest_brings() {
        let failure = super::failure_of(self_test__expected);
        assert!(
            failure.contains("Did you annotate the test with gtest?"),
            "{failure}"
        );
    }
}

mod properties {
    use super::self_test;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};

    #[self_test(effects = pure, case(few, 8), case(many, 64))]
    fn sorting_keeps_the_length(cases: u32) -> Result<(), String> {
        let mut runner = TestRunner::new(Config {
            failure_persistence: None,
            ..Config::with_cases(cases)
        });
        let property = |mut numbers: Vec<u8>| {
            let before = numbers.len();
            numbers.sort_unstable();
            prop_assert_eq!(numbers.len(), before);
            Ok(())
        };
        let result = runner.run(&any::<Vec<u8>>(), property);
        result.map_err(|failure| failure.to_string())
    }

    proptest! {
        #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(8) })]

        /// Inside of `proptest!`, the annotation stands where `#[test]` would.
        #[self_test(effects = pure)]
        fn addition_commutes(left: u8, right: u8) {
            prop_assert_eq!(u16::from(left) + u16::from(right), u16::from(right) + u16::from(left));
        }
    }
}

#[test]
fn properties_are_self_tests() {
    check_registered(&[
        "sorting_keeps_the_length/few",
        "sorting_keeps_the_length/many",
        "addition_commutes",
    ]);
}

mod traced {
    use super::self_test;
    use tracing::{info, info_span, instrument};

    #[instrument]
    #[self_test(effects = pure)]
    fn span_from_above() {
        info!("in span_from_above");
    }

    #[self_test(effects = pure)]
    #[instrument(skip_all, err)]
    async fn span_from_below() -> Result<(), String> {
        tokio::task::yield_now().await;
        info!("in span_from_below");
        Ok(())
    }

    #[self_test(effects = pure)]
    fn span_in_the_body() {
        info_span!("inner").in_scope(|| info!("in span_in_the_body"));
    }

    #[test]
    fn spans_are_open_during_a_run() {
        let seen = super::seen();
        self_test__span_from_above();
        self_test__span_from_below();
        self_test__span_in_the_body();
        let seen = seen.0.lock().unwrap();
        for span in ["span_from_above", "span_from_below", "inner"] {
            assert!(seen.iter().any(|it| it == span), "{span} of {seen:?}");
        }
    }
}

/// Remembers which event was in which span.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl<S> tracing_subscriber::Layer<S> for Seen
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    fn on_event(
        &self,
        event: &tracing::Event<'_>,
        context: tracing_subscriber::layer::Context<'_, S>,
    ) {
        if let Some(span) = context.event_span(event) {
            self.0.lock().unwrap().push(span.name().to_owned());
        }
    }
}

/// The subscriber is the process's: a run has its own thread, where that of this one is unknown.
fn seen() -> &'static Seen {
    static SEEN: OnceLock<Seen> = OnceLock::new();
    SEEN.get_or_init(|| {
        use tracing_subscriber::layer::SubscriberExt as _;
        let seen = Seen::default();
        let subscriber = tracing_subscriber::registry().with(seen.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        seen
    })
}

mod ports {
    use super::{provider, self_test};

    #[async_trait::async_trait]
    pub(super) trait Bank: Send + Sync {
        async fn balance(&self) -> u32;
    }

    struct Empty;

    #[async_trait::async_trait]
    impl Bank for Empty {
        async fn balance(&self) -> u32 {
            0
        }
    }

    #[provider(test)]
    fn bank() -> Box<dyn Bank> {
        Box::new(Empty)
    }

    #[self_test(effects = pure)]
    #[expect(clippy::borrowed_box, reason = "the context holds the box")]
    async fn port_of_async_trait(bank: &Box<dyn Bank>) -> bool {
        bank.balance().await == 0
    }
}

mod attributes {
    use super::{health_check, self_test};

    #[cfg_attr(all(), self_test(effects = pure))]
    #[cfg_attr(all(), inline)]
    fn by_condition() {}

    #[cfg_attr(any(), self_test)]
    fn by_no_condition() {}

    #[cfg(any())]
    #[self_test]
    fn left_out_above() -> NoSuchType {}

    #[self_test]
    #[cfg(any())]
    fn left_out_below() -> NoSuchType {}

    #[track_caller]
    #[inline(never)]
    #[self_test(effects = pure, name = "many/above")]
    #[must_use = "it says something"]
    #[cold]
    #[doc = "As an attribute."]
    #[allow(clippy::needless_return, reason = "it is tried")]
    #[expect(unused_variables, reason = "it is tried")]
    pub(super) fn many() -> bool {
        let unused = 1;
        return true;
    }

    #[deprecated(note = "its callers are warned, and nobody else")]
    #[health_check]
    fn deprecated_above() {}

    #[health_check]
    #[deprecated]
    fn deprecated_below() {}

    #[test]
    fn conditions_decide() {
        by_no_condition();
        super::check_registered(&["by_condition", "deprecated_above", "deprecated_below"]);
        let registry = super::Registry::linked().unwrap();
        for name in ["by_no_condition", "left_out_above", "left_out_below"] {
            assert!(registry.get(name).is_none(), "{name}");
        }
    }

    #[test]
    fn what_stands_above_is_kept_too() {
        assert!(many());
        let registry = super::Registry::linked().unwrap();
        assert_eq!(
            registry.get("many/above").unwrap().doc(),
            "As an attribute."
        );
    }
}

macro_rules! self_tests {
    ($($(#[$meta:meta])* $visibility:vis $name:ident($argument:ident: $ty:ty = $value:expr) $options:literal $body:block)*) => {
        $(
            $(#[$meta])*
            #[self_test(effects = pure, tags($options), case(given, $value))]
            $visibility fn $name($argument: $ty) -> bool $body
        )*
    };
}

self_tests! {
    /// Everything is the caller's.
    made_by_a_macro(number: u32 = 1 + 1) "tagged" { number == 2 }

    #[inline]
    pub(crate) r#struct(r#type: &'static [(&'static str, u8)] = &[("a", 1)]) "tagged" { r#type.len() == 1 }
}

#[test]
fn macros_make_self_tests() {
    check_registered(&["made_by_a_macro/given", "struct/given"]);
}

/// Each row of the table names a test, and there is such a test.
#[test]
fn the_table_names_tests_that_exist() {
    let page = include_str!("../../docs/composing.md");
    let sources = concat!(
        include_str!("composed.rs"),
        include_str!("../../tests/tests/surroundings.rs")
    );
    let refused = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/refused");
    let mut n_rows = 0;
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| beside");
    for row in page.lines().filter(is_row) {
        let tests = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let names = tests.split('`').skip(1).step_by(2);
        let mut n_names = 0;
        for name in names {
            let is_function = sources.contains(&format!("fn {name}("));
            let is_file = std::path::Path::new(refused).join(name).exists();
            assert!(is_function || is_file, "no test is named {name}");
            n_names += 1;
        }
        assert!(n_names > 0, "no test is named in {row}");
        n_rows += 1;
    }
    assert!(n_rows > 15, "only {n_rows} rows");
}
