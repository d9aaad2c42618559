//! The annotations of mad-core. Depend on mad-core, which re-exports them.
//!
//! An annotation leaves its function as it is and writes a constant descriptor beside it, which
//! mad-core collects from the whole program. It decides nothing: what it does not say is not in the
//! descriptor, and every default and every behaviour is ordinary code in mad-core.
//!
//! The way of each annotation is that of the modules: `argument` and `options` read what stands in
//! the brackets, `function` what stands below, `source` what stood above; `check` and `neighbour` hold
//! the one against the other; `expand` writes.

mod annotation;
mod argument;
mod check;
mod documentation;
mod duration;
mod expand;
mod function;
#[cfg(test)]
mod half_typed;
mod health_check;
mod link_all;
mod list;
mod literal;
mod measured;
mod mistakes;
mod names;
mod neighbour;
mod options;
#[cfg(test)]
mod plausible;
mod provider;
mod self_test;
mod shared;
mod size;
mod source;
mod suggestion;

use proc_macro::TokenStream;

use crate::annotation::annotate;

/// Makes a function a health check: can this instance serve?
///
/// It runs on a schedule, and its state drives the probes that it names. The function may be `async`,
/// borrows values of the application (`&T`, found by type) and returns `()`, `bool`, `Outcome` or a
/// `Result` of one of these. It stays callable as it was.
///
/// The first line of the documentation is what operations read first; a line that starts with
/// `Runbook:` tells them where to read on.
///
/// ```
/// use mad_core::health_check;
///
/// struct Pool(Vec<String>);
///
/// /// The order database answers.
/// ///
/// /// Runbook: https://wiki.example.com/orders-db
/// #[health_check(readiness, every = "10s", timeout = "2s", tags("db"))]
/// async fn order_database(pool: &Pool) -> Result<(), String> {
///     pool.0.first().map(drop).ok_or_else(|| "no connection is left".to_owned())
/// }
///
/// /// The lookup tables are loaded.
/// #[health_check(startup)]
/// fn tables_are_loaded(tables: &Vec<u32>) -> bool {
///     !tables.is_empty()
/// }
/// assert!(tables_are_loaded(&vec![1]));
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `liveness`, `readiness`, `startup` | the probes that it gates; without any it is shown and gates nothing |
/// | `every = "10s"` | the time from one run's start to the next |
/// | `while_down = "2s"` | the same while it is not Up |
/// | `initial_delay = "0s"` | how long after the start the first run is |
/// | `fail_after = 1`, `recover_after = 1` | how many outcomes in a row make it worse, or better |
/// | `critical = true` | `false`: failing makes it Degraded instead of Down |
/// | `max_age = "1m"` | the age at which a result counts no more; three times `every` and the timeout |
/// | `io` | says that it asks something outside the process |
/// | `allow_io = "reason"` | why a `liveness` check may do so |
///
/// and for both kinds of check:
///
/// | option | meaning |
/// |---|---|
/// | `name = "orders/database"` | the name, else the function's: up to 64 of `a-z`, `0-9`, `_`, `.`, `/`, `-` |
/// | `timeout = "5s"` | how long one run may take; `ms`, `s`, `m`, `h`, `d`, also together: `"1m30s"` |
/// | `tags("orders", "smoke")` | words to select by |
/// | `owner = "team-orders"` | who is asked when it fails |
/// | `runbook = "https://..."` | what to do when it fails; else the line `Runbook:` of the documentation |
/// | `after("database")` | health checks that make this one pointless while they are Down |
/// | `serial = "group"` | a group of which only one check runs at a time |
/// | `on_timeout = "abort"` | an `async` function is dropped at its deadline; `"abandon"`: it is left to run to its end |
/// | `crate = ::path` | the path of mad-core, where it has another name |
///
/// # Liveness
///
/// A liveness probe that asks a dependency restarts the whole fleet when the dependency fails. So a
/// `liveness` check that is `async`, takes context or says `io` does not compile, unless
/// `allow_io = "reason"` says why it may.
///
/// ```compile_fail
/// # use mad_core::health_check;
/// #[health_check(liveness)]
/// async fn database() {}
/// ```
///
/// # Errors
///
/// Everything that is wrong with an annotation is reported at once. Beside values that an option
/// does not take, that is: generic, `unsafe` and `extern` functions, methods, parameters by value,
/// by `&mut` or without a known size, and attributes such as `#[test]` on the same function.
///
/// A `#[test]` *above* this one takes the function out of every build but that of the tests, which is
/// where it is refused; `cargo build` is green, and the check is not there. The page
/// `docs/composing.md` of the repository goes through the attributes and macros of others.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate::<health_check::HealthCheck>(arguments.into(), item.into()).into()
}

/// Makes a function a self-test: does this function of the service really work?
///
/// In the running service it is run when somebody triggers it. Under `cargo test` it is a unit test
/// named `self_test__` and the function's name, with its context from [`macro@provider`]s. What a function
/// may look like and the options that are not listed here are those of [`macro@health_check`].
///
/// ```
/// use mad_core::self_test;
///
/// struct Shop;
///
/// impl Shop {
///     async fn place(&self, items: u32) -> Result<u32, String> {
///         Ok(items)
///     }
/// }
///
/// /// An order can be placed and cancelled again.
/// #[self_test(timeout = "30s", effects = scratch, tags("orders", "smoke"))]
/// async fn place_and_cancel_order(shop: &Shop) -> Result<(), String> {
///     shop.place(1).await.map(drop)
/// }
///
/// /// Orders of any size are taken: two checks, `any_size/small` and `any_size/large`.
/// #[self_test(effects = scratch, case(small, 1), case(large, 1_000))]
/// async fn any_size(items: u32, shop: &Shop) -> Result<bool, String> {
///     Ok(shop.place(items).await? == items)
/// }
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `effects = read` | what it may do to the world: `pure`, `read`, `scratch`, `destructive` |
/// | `every = "1h"` | a schedule; without it, it runs when triggered |
/// | `retries = 0` | how often a failure is tried again, up to 10; a pass after that is a Warn |
/// | `isolate = process` | runs in a process of its own, to survive aborts, endless loops and runaway memory |
/// | `max_memory = "256MiB"` | how much memory that process may allocate; `KiB`, `MiB`, `GiB` |
/// | `once` | cannot run twice in one process |
/// | `ignore = "reason"` | left out unless it is named, here and under `cargo test` |
/// | `unit_test = true` | `false`: no unit test is made |
/// | `case(name, values..)` | a check for these values of the first parameters; repeatable |
///
/// # In the body of a function
///
/// The service runs a self-test that stands in a function's body as well. `cargo test` cannot, and
/// rustc warns of it: `unit_test = false` says that this is meant.
///
/// # Errors
///
/// Those of [`macro@health_check`].
#[proc_macro_attribute]
pub fn self_test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate::<self_test::SelfTest>(arguments.into(), item.into()).into()
}

/// Makes a function the source of a value that checks borrow, when the application gave none.
///
/// That is chiefly so under `cargo test`. The value is what the function returns, or what its
/// `Result` holds; a check with a parameter `&T` gets the `T` that a provider made. A provider may be
/// `async` and may borrow other context.
///
/// `#[provider(test)]` wins over `#[provider]` and exists under `cfg(test)` only, so that a self-test
/// runs against a double there and against the real thing in production.
///
/// ```
/// use mad_core::{provider, self_test};
///
/// struct Settings {
///     url: String,
/// }
///
/// struct Shop {
///     url: String,
/// }
///
/// #[provider]
/// fn settings() -> Settings {
///     Settings { url: "http://localhost".to_owned() }
/// }
///
/// #[provider]
/// async fn shop(settings: &Settings) -> Result<Shop, std::io::Error> {
///     Ok(Shop { url: settings.url.clone() })
/// }
///
/// #[self_test]
/// fn has_an_address(shop: &Shop) -> bool {
///     !shop.url.is_empty()
/// }
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `test` | for `cargo test` only |
/// | `crate = ::path` | the path of mad-core, where it has another name |
///
/// # Errors
///
/// Those of [`macro@health_check`], and a function that returns nothing, `()`, a reference or an
/// `impl Trait`.
#[proc_macro_attribute]
pub fn provider(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate::<provider::Provider>(arguments.into(), item.into()).into()
}

/// Measures the calls of a function: how many, how they ended, how long they take, how many go on.
///
/// Nearly any function will do: sync or `async`, free or in an `impl` or a trait's `impl`, generic or not. What is
/// recorded through the [`metrics`](https://docs.rs/metrics) facade has the names and labels of
/// [Autometrics](https://github.com/autometrics-dev/autometrics-shared) 1.0.0, so that its dashboards and rules
/// fit:
///
/// | metric | labels beside `function`, `module`, `service_name` |
/// |---|---|
/// | `function_calls_total` | `result`: `ok` or `error`, which is an `Err` or a panic; `caller_function` and `caller_module`: the measured function that called, be it by way of others, on the same thread or in the same task |
/// | `function_calls_duration_seconds` | |
/// | `function_calls_concurrent` | |
/// | `function_calls_cancelled_total`: `async` calls that were dropped before they ended, be it that something else panicked, which count as no call | |
/// | `build_info`, 1 | `service_name` and `autometrics_version` alone; `version` and `commit` where the exporter's builder or `BuildInfo` says them; `branch`, `repository_url` and `repository_provider` where the environment does |
///
/// The service has the name that the environment says (`AUTOMETRICS_SERVICE_NAME`, `OTEL_SERVICE_NAME`), or
/// that of the program's file; the rest is in variables that are called alike, such as `AUTOMETRICS_COMMIT`, which count
/// more than what the program says. Each function has a series for each result and for each of its callers.
///
/// ```
/// use mad_core::measured;
///
/// struct Shop;
///
/// impl Shop {
///     /// Counted as `ok` or `error`, by the type and not by the word: an alias of `Result` will do.
///     #[measured]
///     async fn place(&self, items: u32) -> Result<u32, String> {
///         if items == 0 { Err("an order has items".to_owned()) } else { Ok(items) }
///     }
/// }
///
/// /// Called so often that reading the clock each time would be felt.
/// #[measured(sample = 16)]
/// fn checksum(text: &str) -> u32 {
///     text.bytes().map(u32::from).sum()
/// }
/// assert_eq!(checksum("ab"), 195);
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `name = "Shop::place"` | the label `function`, else the function's name: two of one name in one module share their series |
/// | `sample = 1` | of so many calls one is timed; all are counted |
/// | `objective = "api"` | the name of a service-level objective, with one goal or both: |
/// | `success_rate = "99.9"` | how many percent of the calls are to be `ok`: `90`, `95`, `99` or `99.9` |
/// | `latency = "250ms"`, `latency_percentile = "99"` | how quick so many percent of the calls are to be: a bound of the histogram |
/// | `crate = ::path` | the path of mad-core, where it has another name |
///
/// # What is measured
///
/// An `async` function begins when it is first polled. A function that returns a boxed future, as an
/// `async` method under `#[async_trait]` does, is measured until that ends, for one allocation more. One
/// that returns an `impl Future` is measured until it has returned it.
///
/// The body becomes that of a closure or of an `async` block. Parameters whose names it uses are dropped in the order
/// in which they would be otherwise, the last first. One that a pattern takes apart, that is `_`, that has an attribute
/// or that is not used is dropped at the end of the call as well, but may be so before or after others.
///
/// Handles of the program's recorder are kept at the function: a call costs a few atomic operations
/// and two looks at the clock. A recorder that is installed later, and one that a test sets with
/// `metrics::with_local_recorder`, have what is called from then on. A function whose type of return
/// is a parameter of its own is `ok` unless it panics.
///
/// # Errors
///
/// A `const fn`, one that is `#[track_caller]` (its body becomes that of a closure, which is not told who called), what
/// is no function or has no body, and options that do not fit together.
#[proc_macro_attribute]
pub fn measured(arguments: TokenStream, item: TokenStream) -> TokenStream {
    measured::measure(arguments.into(), item.into()).into()
}

/// What `mad_core::link_all!` expands to, given the path of mad-core.
#[doc(hidden)]
#[proc_macro]
pub fn link_all(mad_core: TokenStream) -> TokenStream {
    link_all::link_all(&mad_core.into()).into()
}
