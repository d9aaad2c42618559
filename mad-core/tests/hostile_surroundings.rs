//! Generated code compiles, without a warning, where everything that it could rely on is shadowed.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    unused,
    unreachable_pub,
    unused_qualifications,
    single_use_lifetimes,
    non_snake_case,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::tests_outside_test_module,
    clippy::used_underscore_items,
    clippy::items_after_test_module
)]

/// Shadows crates, macros and what the prelude holds.
pub mod shadowed {
    #![allow(
        non_camel_case_types,
        non_upper_case_globals,
        dead_code,
        unused_macros,
        missing_debug_implementations,
        reason = "these names are there to be in the way"
    )]

    use ::mad_core::{health_check, measured, provider, self_test};

    mod std {}
    mod core {}
    mod mad_core {}
    mod inventory {}
    mod alloc {}
    mod __private {}

    struct Result;
    struct Option;
    struct String;
    struct Box;
    struct Context;
    struct Outcome;
    struct Descriptor;
    struct Duration;
    struct bool;
    struct str;
    struct u32;
    struct u64;
    const Some: () = ();
    const None: () = ();
    const Ok: () = ();
    const Err: () = ();
    fn drop() {}
    fn into_outcome() {}
    fn borrow() {}
    fn registered() {}
    fn run_unit_test() {}
    trait Send {}
    trait Sync {}
    trait Fn {}
    trait Future {}
    trait IntoOutcome {}
    macro_rules! assert {
        () => {};
    }
    macro_rules! line {
        () => {};
    }
    macro_rules! file {
        () => {};
    }
    macro_rules! module_path {
        () => {};
    }
    macro_rules! option_env {
        () => {};
    }
    macro_rules! concat {
        () => {};
    }
    macro_rules! test {
        () => {};
    }

    /// What the checks borrow.
    #[derive(Debug)]
    pub struct Pool;

    /// What another provider makes.
    #[derive(Debug)]
    pub struct Clock;

    #[provider]
    fn pool() -> Pool {
        Pool
    }

    #[provider]
    async fn clock(_: &Pool) -> ::core::result::Result<Clock, ::std::string::String> {
        ::core::future::ready(::core::result::Result::Ok(Clock)).await
    }

    #[provider(test)]
    fn letter() -> char {
        'm'
    }

    #[health_check(
        liveness,
        readiness,
        startup,
        io,
        name = "shadowed/health",
        timeout = "1s",
        every = "10s",
        while_down = "1s",
        initial_delay = "0s",
        max_age = "1m",
        fail_after = 3,
        recover_after = 2,
        critical = false,
        allow_io = "it is a test",
        tags("a", "b"),
        after("shadowed/other"),
        owner = "team",
        runbook = "https://example.com",
        serial = "group"
    )]
    async fn health(_pool: &Pool) {
        ::core::future::ready(()).await;
    }

    #[health_check]
    fn plain() -> ::core::primitive::bool {
        true
    }

    /// Everything that an annotation of calls can say.
    ///
    /// # Errors
    ///
    /// Never.
    #[measured(
        name = "everything",
        sample = 2,
        objective = "api",
        success_rate = "99",
        latency = "1s",
        latency_percentile = "90"
    )]
    pub fn call(
        call: ::core::primitive::u8,
        returned: ::core::primitive::u8,
    ) -> ::core::result::Result<::core::primitive::u8, ::std::string::String> {
        ::core::result::Result::Ok(call + returned)
    }

    /// An `async` one.
    #[measured]
    pub async fn finish() {
        ::core::future::ready(()).await;
    }

    /// One that never returns.
    #[measured]
    pub fn never() -> ! {
        loop {
            ::std::thread::park();
        }
    }

    #[self_test(
        effects = pure,
        every = "1h",
        retries = 2,
        isolate = process,
        max_memory = "1GiB",
        once,
        ignore = "it is a test",
        case(one, 1),
        case(two, 2)
    )]
    async fn cases(_number: i32, _pool: &Pool) {
        ::core::future::ready(()).await;
    }

    #[self_test]
    fn succeeds(__mad_context: &Pool, context: &Clock) {
        _ = (__mad_context, context);
    }

    /// Public, documented, and called nowhere else.
    #[self_test(effects = pure)]
    #[must_use]
    #[deprecated = "to see that nobody is warned but its callers"]
    pub fn is_public() -> ::mad_core::Outcome {
        ::mad_core::Outcome::Pass
    }
}

#[cfg(test)]
mod within_a_function {
    #[::core::prelude::v1::test]
    fn checks_may_stand_in_a_body() {
        #[::mad_core::self_test(effects = pure, unit_test = false, case(local, 1))]
        fn inner(_: u8) {}

        #[::mad_core::health_check]
        fn other() {}
    }
}

macro_rules! check_of {
    ($name:ident, $value:ident, $ty:ty, $text:literal, $body:block) => {
        #[doc = $text]
        #[::mad_core::self_test(effects = pure, tags($text), case(three, 3))]
        fn $name(number: u8, $value: &$ty) {
            _ = (number, $value);
        }

        #[::mad_core::health_check(name = $text)]
        fn of_body() $body

        #[::mad_core::health_check]
        fn of_macro() {}
    };
}

mod made_by_a_macro {
    struct Value;

    #[::mad_core::provider]
    fn provide() -> Value {
        Value
    }

    check_of!(made, value, Value, "text", { _ = 1 });
}
