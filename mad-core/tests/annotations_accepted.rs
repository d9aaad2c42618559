//! What an annotation says is what its descriptor holds.

#![allow(
    clippy::doc_markdown,
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::unused_unit,
    reason = "the forms that a function may have are tested, not what they are good for"
)]

use std::error::Error;
use std::time::Duration;

use mad_core::__private::{
    Context, Descriptor, Function, Options, ProviderDescriptor, Role, inventory,
};
use mad_core::{
    Effects, HealthOptions, Isolation, OnTimeout, Outcome, Probes, SelfTestOptions, health_check,
    provider, self_test,
};
use mad_sources::Registration;

fn descriptor(name: &str) -> &'static Descriptor {
    let mut found = inventory::iter::<Descriptor>
        .into_iter()
        .filter(|it| it.name == name);
    let descriptor = found
        .next()
        .unwrap_or_else(|| panic!("{name} is not registered"));
    assert!(found.next().is_none(), "{name} is registered twice");
    descriptor
}

fn health(name: &str) -> HealthOptions {
    match *descriptor(name).role {
        Role::Health(options) => options,
        Role::SelfTest(_) => panic!("{name} is a self-test"),
    }
}

fn self_test(name: &str) -> SelfTestOptions {
    match *descriptor(name).role {
        Role::SelfTest(options) => options,
        Role::Health(_) => panic!("{name} is a health check"),
    }
}

fn outcome(name: &str) -> Outcome {
    let context = Context::new().with(7_u32).with(String::from("text"));
    match descriptor(name).function {
        Function::Sync(run) => run(&context),
        Function::Async(run) => {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            runtime.unwrap().block_on(run(&context))
        }
    }
}

mod bare {
    #[super::health_check]
    fn bare_health() {}

    #[super::self_test]
    fn bare_self_test() {}
}

#[test]
fn what_is_left_out_is_the_default() {
    assert_eq!(health("bare_health"), HealthOptions::DEFAULT);
    assert_eq!(self_test("bare_self_test"), SelfTestOptions::DEFAULT);
    let written = format!("{:?}", descriptor("bare_health").options);
    assert_eq!(written, format!("{:?}", Options::DEFAULT));
    assert_eq!(descriptor("bare_health").doc, "");
    assert!(descriptor("bare_health").needs.is_empty());
}

#[health_check(
    liveness,
    readiness,
    startup,
    io,
    allow_io = "a test",
    every = "10s",
    while_down = "500ms",
    initial_delay = "0s",
    max_age = "1m30s",
    fail_after = 3,
    recover_after = 100,
    critical = false
)]
fn full_health() {}

#[test]
fn health_options_are_carried() {
    let expected = HealthOptions {
        probes: Probes {
            liveness: true,
            readiness: true,
            startup: true,
        },
        every: Duration::from_secs(10),
        while_down: Some(Duration::from_millis(500)),
        initial_delay: Duration::ZERO,
        fail_after: 3,
        recover_after: 100,
        critical: false,
        max_age: Some(Duration::from_secs(90)),
        allow_io: Some("a test"),
    };
    assert_eq!(health("full_health"), expected);
}

#[self_test(
    effects = destructive,
    every = "1h",
    retries = 2,
    isolate = process,
    max_memory = "64MiB",
    once,
    ignore = "a test",
    unit_test = false,
)]
fn full_self_test() {}

#[test]
fn self_test_options_are_carried() {
    let expected = SelfTestOptions {
        effects: Effects::Destructive,
        every: Some(Duration::from_hours(1)),
        retries: 2,
        isolation: Isolation::Process,
        max_memory: Some(64 * 1024 * 1024),
        once: true,
        ignore: Some("a test"),
        unit_test: false,
    };
    assert_eq!(self_test("full_self_test"), expected);
}

/// The summary.
///
/// More  of it.
///     code
///
/// Runbook: https://example.com/from-doc
#[health_check(
    name = "shared/options",
    timeout = "2s",
    tags("db", "smoke"),
    owner = "team-a",
    after("bare_health", "other"),
    serial = "group",
    on_timeout = "abandon"
)]
async fn shared_options() {}

/// Runbook: https://example.com/from-doc
#[health_check(runbook = "https://example.com/from-option")]
fn with_runbook() {}

#[test]
fn shared_options_are_carried() {
    let check = descriptor("shared/options");
    assert_eq!(check.options.timeout, Some(Duration::from_secs(2)));
    assert_eq!(check.options.tags, ["db", "smoke"]);
    assert_eq!(check.options.owner, Some("team-a"));
    assert_eq!(check.options.after, ["bare_health", "other"]);
    assert_eq!(check.options.serial, Some("group"));
    assert_eq!(check.options.on_timeout, OnTimeout::Abandon);
    let doc = "The summary.\n\nMore  of it.\n    code\n\nRunbook: https://example.com/from-doc";
    assert_eq!(check.doc, doc);
}

#[test]
fn the_runbook_of_the_option_goes_before_that_of_the_documentation() {
    let runbook = |name| descriptor(name).options.runbook;
    assert_eq!(
        runbook("shared/options"),
        Some("https://example.com/from-doc")
    );
    assert_eq!(
        runbook("with_runbook"),
        Some("https://example.com/from-option")
    );
}

mod outer {
    pub(crate) mod inner {
        /// The line to be found is that of the function's name.
        #[mad_core::health_check(readiness)]
        #[inline]
        pub(crate) async fn located() {}
        pub(crate) const LINE: u32 = line!() - 1;
    }
}

#[test]
fn a_check_knows_where_it_stands() {
    let location = descriptor("located").location;
    assert!(
        location.file.ends_with("annotations_accepted.rs"),
        "{location}"
    );
    assert_eq!(location.line, outer::inner::LINE);
    assert_eq!(location.module, "annotations_accepted::outer::inner");
    assert_eq!(location.package, "mad-core");
}

#[test]
fn an_annotated_function_is_still_a_function() {
    full_health();
    drop(outer::inner::located());
    assert!(is_even(2));
}

#[self_test(effects = pure, name = "even", case(two, 2), case(r#match, 1 + 3), case(huge, u64::MAX - 1))]
fn is_even(number: u64) -> bool {
    number.is_multiple_of(2)
}

#[self_test(effects = pure, unit_test = false, case(words, &["a", "b"], Vec::<(u8, u8)>::new()))]
async fn takes_anything(words: &[&str], mut pairs: Vec<(u8, u8)>, number: &u32) -> bool {
    pairs.push((1, 2));
    words.len() == 2 && *number == 7
}

#[test]
fn each_case_is_a_check() {
    for name in [
        "even/two",
        "even/match",
        "even/huge",
        "takes_anything/words",
    ] {
        assert_eq!(outcome(name), Outcome::Pass, "{name}");
    }
    let needs = descriptor("takes_anything/words").needs;
    assert_eq!(needs.len(), 1);
    assert_eq!(needs[0].argument, "number");
}

type Alias<T> = Result<T, Box<dyn Error + Send + Sync>>;

mod returns {
    use super::{Alias, Error, Outcome, health_check};
    use std::io;

    #[health_check]
    fn returns_nothing() {}
    #[health_check]
    fn returns_unit() -> () {}
    #[health_check]
    fn returns_true() -> bool {
        true
    }
    #[health_check]
    fn returns_outcome() -> Outcome {
        Outcome::Pass
    }
    #[health_check]
    async fn returns_result() -> Result<(), String> {
        Ok(())
    }
    #[health_check]
    fn returns_result_of_bool() -> Result<bool, &'static str> {
        Ok(true)
    }
    #[health_check]
    fn returns_io_result() -> io::Result<()> {
        Ok(())
    }
    #[health_check]
    async fn returns_alias() -> Alias<Outcome> {
        Ok(Outcome::Pass)
    }
    #[health_check]
    const fn returns_const() -> bool {
        true
    }
    #[health_check]
    fn returns_nested() -> Result<Result<(), Box<dyn Error + Send + Sync>>, std::fmt::Error> {
        Ok(Ok(()))
    }
    #[health_check]
    fn returns_impl_trait() -> impl mad_core::IntoOutcome {}
}

#[test]
fn every_kind_of_result_is_converted() {
    let returns = inventory::iter::<Descriptor>
        .into_iter()
        .map(|check| check.name);
    let returns: Vec<_> = returns
        .filter(|name| name.starts_with("returns_"))
        .collect();
    assert_eq!(returns.len(), 11);
    for name in returns {
        assert_eq!(outcome(name), Outcome::Pass, "{name}");
    }
}

#[health_check]
fn fails() -> Result<(), std::num::ParseIntError> {
    "x".parse::<u8>().map(drop)
}

#[test]
fn an_error_is_a_failure() {
    let outcome = outcome("fails");
    assert_eq!(
        outcome.failure().unwrap().message(),
        "invalid digit found in string"
    );
}

/// Context comes by type, in any order; a reference may stand in parentheses or be `'_`.
#[health_check]
#[expect(unused_parens, reason = "they are what is tried")]
async fn borrows(text: &String, mut number: &u32, _: &'_ String, _unused: (&u32)) -> bool {
    tokio::task::yield_now().await;
    number = std::hint::black_box(number);
    text == "text" && *number == 7
}

#[test]
fn context_is_borrowed_by_type() {
    assert_eq!(outcome("borrows"), Outcome::Pass);
    let needs = descriptor("borrows").needs;
    let arguments: Vec<_> = needs.iter().map(|need| need.argument).collect();
    assert_eq!(arguments, ["text", "number", "_", "_unused"]);
    assert_eq!((needs[1].key)().name(), "u32");
}

/// A future that must not leave its thread.
#[health_check]
async fn not_send() -> bool {
    let local = std::rc::Rc::new(true);
    tokio::task::yield_now().await;
    *local
}

#[test]
fn futures_need_not_be_send() {
    assert_eq!(outcome("not_send"), Outcome::Pass);
}

#[health_check]
fn r#match(r#type: &u32) -> bool {
    *r#type == 7
}

#[health_check(name = "unicode")]
fn größe() {}

#[test]
fn names_are_without_their_raw_mark() {
    assert_eq!(outcome("match"), Outcome::Pass);
    assert_eq!(descriptor("match").needs[0].argument, "type");
    assert_eq!(outcome("unicode"), Outcome::Pass);
}

mod renamed {
    pub(crate) mod vendor {
        pub(crate) use mad_core as monitoring;
    }

    #[mad_core::health_check(crate = crate::renamed::vendor::monitoring)]
    fn by_another_name() {}

    #[mad_core::self_test(crate = vendor::monitoring, unit_test = false, case(x))]
    fn by_a_relative_name() {}

    #[mad_core::provider(crate = self::vendor::monitoring)]
    fn renamed() -> u8 {
        1
    }
}

#[test]
fn the_crate_may_have_another_name() {
    assert_eq!(outcome("by_another_name"), Outcome::Pass);
    assert_eq!(outcome("by_a_relative_name/x"), Outcome::Pass);
}

#[cfg_attr(all(), health_check(readiness))]
fn by_cfg_attr() {}

#[health_check]
#[cfg(any())]
fn compiled_out() -> NoSuchType {}

#[test]
fn conditions_are_kept() {
    assert!(health("by_cfg_attr").probes.readiness);
    assert!(
        inventory::iter::<Descriptor>
            .into_iter()
            .all(|check| check.name != "compiled_out")
    );
}

macro_rules! health_checks {
    ($($name:ident: $ty:ty),*) => {
        $(
            #[health_check(tags("by-macro"))]
            async fn $name(value: &$ty) {
                _ = value;
            }
        )*
    };
}

health_checks!(first_by_macro: u32, second_by_macro: String);

#[test]
fn macros_may_make_checks() {
    assert_eq!(outcome("first_by_macro"), Outcome::Pass);
    assert_eq!(outcome("second_by_macro"), Outcome::Pass);
}

#[test]
fn checks_in_a_body_are_registered() {
    #[health_check]
    fn in_a_body() -> bool {
        helper()
    }
    fn helper() -> bool {
        true
    }
    assert_eq!(outcome("in_a_body"), Outcome::Pass);
}

#[provider]
fn plain_value(text: &String) -> u64 {
    text.len() as u64
}

#[provider(test)]
async fn fallible_value() -> Alias<i64> {
    Err("not today".into())
}

#[test]
fn providers_are_registered() {
    let providers: Vec<_> = inventory::iter::<ProviderDescriptor>.into_iter().collect();
    let find = |name| *providers.iter().find(|it| it.name == name).unwrap();
    let (plain, fallible) = (find("plain_value"), find("fallible_value"));
    assert_eq!((plain.provides)().name(), "u64");
    assert_eq!((fallible.provides)().name(), "i64");
    assert_eq!(plain.needs[0].argument, "text");
    assert!(!plain.is_for_tests && fallible.is_for_tests);
}

/// `mad doctor` reads programs in this way.
#[test]
fn the_checks_of_a_program_are_found_in_its_file() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let in_file = Registration::all_in(&program);
    let linked = inventory::iter::<Descriptor>
        .into_iter()
        .map(|it| Registration {
            package: it.location.package.to_owned(),
            file: it.location.file.to_owned(),
            line: it.location.line,
            module: it.location.module.to_owned(),
            name: it.name.to_owned(),
        });
    assert_eq!(in_file, linked.collect());
}
