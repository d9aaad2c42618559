//! What a function annotated with `#[measured]` records, and which functions may be.

use std::fmt::{Debug, Display};
use std::future::{Future, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use mad_core::measured;
use mad_metrics::{Builder, Handle};

/// Calls with a recorder that holds for the call alone; returns what it recorded.
fn recorded<T>(call: impl FnOnce(&Handle) -> T) -> Handle {
    let recorder = Builder::new().build().unwrap();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || drop(call(&handle)));
    handle
}

/// Returns the value of the one series that has all of these words, but for the name of this test's program.
#[track_caller]
fn value(handle: &Handle, words: &[&str]) -> u64 {
    let page = handle.render();
    let is_it = |line: &&str| words.iter().all(|word| line.contains(word));
    let mut lines = page
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter(is_it);
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("{words:?} in {page}"));
    assert_eq!(lines.next(), None, "{words:?} in {page}");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Returns how many calls there were, whoever called.
#[track_caller]
fn calls(handle: &Handle, function: &str, result: &str) -> u64 {
    let page = handle.render();
    let start = format!("function_calls_total{{function=\"{function}\",");
    let result = format!("result=\"{result}\"");
    let is_it = |line: &&str| line.starts_with(&start) && line.contains(&result);
    let numbers = page.lines().filter(is_it);
    let numbers = numbers.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap());
    let numbers: Vec<_> = numbers.collect();
    assert!(!numbers.is_empty(), "{start}..{result} in {page}");
    numbers.iter().sum()
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it is not ready"),
    }
}

/// Nobody sees from the word that this is one.
type Answer<T> = Result<T, Error>;
#[derive(Debug, PartialEq)]
struct Error;

#[measured]
fn halves(number: u32) -> Answer<u32> {
    let half = number / 2;
    if half * 2 == number {
        Ok(half)
    } else {
        Err(Error)
    }
}

#[test]
fn names_and_labels_are_those_of_autometrics() {
    let handle = recorded(|_| halves(4).unwrap());
    let page = handle.render();
    let own = "function=\"halves\",module=\"measured\",";
    let service = std::env::current_exe().unwrap();
    let service = service.file_stem().unwrap().to_str().unwrap();
    for line in [
        format!("function_calls_total{{{own}service_name=\"{service}\",result=\"ok\"}} 1"),
        format!("function_calls_total{{{own}service_name=\"{service}\",result=\"error\"}} 0"),
        format!("function_calls_duration_seconds_count{{{own}service_name=\"{service}\"}} 1"),
        format!("function_calls_concurrent{{{own}service_name=\"{service}\"}} 0"),
        format!("function_calls_cancelled_total{{{own}service_name=\"{service}\"}} 0"),
        format!("build_info{{service_name=\"{service}\",autometrics_version=\"1.0.0\"}} 1"),
        "# TYPE function_calls_total counter".to_owned(),
        "# TYPE function_calls_duration_seconds histogram".to_owned(),
        "# TYPE function_calls_concurrent gauge".to_owned(),
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line}\nin\n{page}"
        );
    }
}

/// The environment is that of a process: the test runs itself in another one.
#[test]
#[expect(clippy::disallowed_methods, reason = "it looks in which process it is")]
fn what_the_environment_says_of_the_build_is_told() {
    if std::env::var_os("AUTOMETRICS_COMMIT").is_none() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "what_the_environment_says_of_the_build_is_told"]);
        again
            .env("AUTOMETRICS_VERSION", "1.2.3")
            .env("AUTOMETRICS_COMMIT", "abc");
        again
            .env("AUTOMETRICS_BRANCH", "")
            .env("AUTOMETRICS_SERVICE_NAME", "shop");
        let output = again.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    let page = recorded(|_| halves(4).unwrap()).render();
    let line = "build_info{service_name=\"shop\",autometrics_version=\"1.0.0\",\
                version=\"1.2.3\",commit=\"abc\"} 1";
    assert!(page.lines().any(|found| found == line), "{page}");
}

#[test]
fn what_is_a_result_is_told_by_its_type() {
    let handle = recorded(|_| {
        assert_eq!(
            (halves(4), halves(3), halves(5)),
            (Ok(2), Err(Error), Err(Error))
        );
    });
    assert_eq!(
        (
            calls(&handle, "halves", "ok"),
            calls(&handle, "halves", "error")
        ),
        (1, 2)
    );
}

mod other {
    #[derive(Debug)]
    pub(crate) struct Result;

    #[mad_core::measured]
    pub(crate) fn returns_no_result() -> Result {
        Result
    }
}

#[test]
fn what_is_only_called_result_is_none() {
    let handle = recorded(|_| other::returns_no_result());
    assert_eq!(calls(&handle, "returns_no_result", "ok"), 1);
}

#[measured]
async fn waits(is_long: bool) -> Answer<u8> {
    if is_long {
        pending::<()>().await;
    }
    ready(Err(Error)).await
}

#[test]
fn a_call_goes_on_from_its_first_poll_to_its_end_and_one_that_is_dropped_was_cancelled() {
    let concurrent = |handle: &Handle| value(handle, &["concurrent", "\"waits\""]);
    let handle = recorded(|handle| {
        assert_eq!(now(waits(false)), Err(Error));
        assert_eq!(concurrent(handle), 0);
        {
            let mut going = pin!(waits(true));
            let never_polled = waits(true);
            assert!(
                going
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
            assert_eq!(concurrent(handle), 1);
            drop(never_polled);
        }
        assert_eq!(concurrent(handle), 0);
    });
    assert_eq!(value(&handle, &["cancelled_total", "\"waits\""]), 1);
    assert_eq!(
        (
            calls(&handle, "waits", "ok"),
            calls(&handle, "waits", "error")
        ),
        (0, 1)
    );
    assert_eq!(value(&handle, &["seconds_count", "\"waits\""]), 1);
}

#[measured]
fn panics() -> u8 {
    panic!("as it is to")
}

#[test]
fn a_panic_is_an_error_and_goes_on_as_it_would() {
    let handle = recorded(|_| {
        let caught = catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(caught.downcast_ref(), Some(&"as it is to"));
    });
    assert_eq!(calls(&handle, "panics", "error"), 1);
    assert_eq!(value(&handle, &["concurrent", "\"panics\""]), 0);
}

#[test]
fn what_is_dropped_while_something_else_panics_was_cancelled() {
    let handle = recorded(|_| {
        let panicked = catch_unwind(|| {
            let mut going = pin!(waits(true));
            let polled = going.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending());
            panic!("as it is to");
        });
        assert!(panicked.is_err());
    });
    assert_eq!(value(&handle, &["cancelled_total", "\"waits\""]), 1);
    assert_eq!(calls(&handle, "waits", "error"), 0);
}

/// Futures that go on from the call, as `async-trait` boxes them.
mod boxed {
    use super::*;

    type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;
    type SendBoxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

    #[measured]
    pub(super) fn result() -> Boxed<Answer<u8>> {
        Box::pin(ready(Ok(1)))
    }

    #[measured]
    pub(super) fn send_result() -> SendBoxed<Answer<u8>> {
        Box::pin(ready(Ok(1)))
    }

    #[measured]
    pub(super) fn value() -> Boxed<u8> {
        Box::pin(ready(1))
    }

    #[measured]
    pub(super) fn send_value() -> SendBoxed<u8> {
        Box::pin(ready(1))
    }
}

#[test]
fn what_nobody_has_polled_while_something_else_panics_was_cancelled() {
    let handle = recorded(|_| {
        let panicked = catch_unwind(|| {
            let _result = boxed::result();
            let _send_result = boxed::send_result();
            let _value = boxed::value();
            let _send_value = boxed::send_value();
            panic!("as it is to");
        });
        assert!(panicked.is_err());
    });
    for function in ["result", "send_result", "value", "send_value"] {
        let name = format!("function=\"{function}\"");
        assert_eq!(value(&handle, &["cancelled_total", &name]), 1, "{function}");
        assert_eq!(calls(&handle, function, "error"), 0, "{function}");
    }
}

#[measured]
async fn panics_later() {
    panic!("as it is to")
}

#[test]
fn a_panic_of_a_future_is_an_error() {
    let handle = recorded(|_| assert!(catch_unwind(|| now(panics_later())).is_err()));
    assert_eq!(calls(&handle, "panics_later", "error"), 1);
    assert_eq!(value(&handle, &["cancelled_total", "\"panics_later\""]), 0);
}

#[measured(sample = 4)]
fn is_called_often() {}

#[test]
fn all_calls_are_counted_and_some_are_timed() {
    let handle = recorded(|_| (0..8).for_each(|_| is_called_often()));
    assert_eq!(calls(&handle, "is_called_often", "ok"), 8);
    assert_eq!(value(&handle, &["seconds_count", "\"is_called_often\""]), 2);
}

#[measured(
    name = "Shop::order",
    objective = "api",
    success_rate = "99.9",
    latency = "250ms",
    latency_percentile = "95"
)]
fn has_an_objective() {}

#[test]
fn an_objective_is_in_the_labels() {
    let handle = recorded(|_| has_an_objective());
    let goal = [
        "objective_name=\"api\"",
        "objective_percentile=\"99.9\"",
        "\"Shop::order\"",
    ];
    assert_eq!(value(&handle, &[&goal[..], &["result=\"ok\""]].concat()), 1);
    let goal = [
        "objective_name=\"api\"",
        "objective_percentile=\"95\"",
        "threshold=\"0.25\"",
    ];
    assert_eq!(value(&handle, &[&goal[..], &["seconds_count"]].concat()), 1);
    assert_eq!(value(&handle, &["concurrent", "Shop::order"]), 0);
    assert!(
        !handle
            .render()
            .lines()
            .any(|line| line.contains("concurrent{") && line.contains("objective"))
    );
}

/// Functions of every kind.
mod kinds {
    use super::*;

    pub(super) struct Shop {
        orders: Vec<String>,
    }

    pub(super) trait Counts {
        fn count(&self) -> usize;
        fn make() -> Self
        where
            Self: Sized;
    }

    impl Shop {
        #[measured]
        pub(super) fn new() -> Self {
            Self { orders: Vec::new() }
        }

        #[measured]
        pub(super) fn last_order(&mut self) -> Option<&mut String> {
            self.orders.last_mut()
        }

        #[measured]
        pub(super) fn orders<'a>(
            &'a self,
            start: &'a str,
        ) -> impl Iterator<Item = &'a str> + use<'a> {
            let orders = self.orders.iter().map(String::as_str);
            orders.filter(move |order| order.starts_with(start))
        }

        #[measured]
        pub(super) async fn place(&mut self, (first, second): (&str, &str)) -> Answer<&str> {
            self.orders.push(format!("{first}{second}"));
            let order = self.orders.last().ok_or(Error)?;
            Ok(order)
        }

        #[measured]
        pub(super) fn close(mut self) -> usize {
            self.orders.clear();
            self.orders.len()
        }
    }

    impl Counts for Shop {
        #[measured]
        fn count(&self) -> usize {
            self.orders.len()
        }

        #[measured]
        fn make() -> Self {
            Self::new()
        }
    }

    #[measured]
    pub(super) fn generic<T, const N: usize>(value: &T, more: impl Debug) -> [String; N]
    where
        T: Display + Send + ?Sized,
    {
        std::array::from_fn(|index| format!("{value}{more:?}{index}"))
    }

    #[measured]
    pub(super) async fn converts(
        is_short: bool,
    ) -> Result<Box<dyn Display>, Box<dyn std::error::Error>> {
        if is_short {
            return Ok(Box::new(1));
        }
        "x".parse::<u8>()?;
        Ok(Box::new("text"))
    }

    #[measured]
    pub(super) fn recurses(mut depth: u32) -> u32 {
        if depth == 0 {
            return 0;
        }
        depth -= 1;
        recurses(depth) + 1
    }

    #[measured]
    pub(super) fn never() -> ! {
        panic!("it never returns")
    }

    #[async_trait::async_trait]
    pub(super) trait Boxes {
        async fn boxed(&self, is_short: bool) -> Answer<u8>;
    }

    #[async_trait::async_trait]
    impl Boxes for Shop {
        #[measured]
        async fn boxed(&self, is_short: bool) -> Answer<u8> {
            if !is_short {
                pending::<()>().await;
            }
            Err(Error)
        }
    }
}

#[test]
fn functions_of_every_kind_are_measured_and_do_what_they_did() {
    use kinds::{Counts as _, Shop};
    let handle = recorded(|_| {
        let mut shop = Shop::new();
        assert_eq!(now(shop.place(("a", "b"))), Ok("ab"));
        shop.last_order().unwrap().push('c');
        assert_eq!(shop.orders("a").collect::<Vec<_>>(), ["abc"]);
        assert_eq!(
            (
                shop.count(),
                shop.close(),
                <Shop as kinds::Counts>::make().count()
            ),
            (1, 0, 0)
        );
        assert_eq!(kinds::generic::<str, 2>("a", 1), ["a10", "a11"]);
        assert_eq!(now(kinds::converts(true)).unwrap().to_string(), "1");
        assert!(now(kinds::converts(false)).is_err());
        assert_eq!(kinds::recurses(3), 3);
        assert!(catch_unwind(|| kinds::never()).is_err());
    });
    for (function, ok, error) in [
        ("new", 2, 0),
        ("place", 1, 0),
        ("last_order", 1, 0),
        ("orders", 1, 0),
        ("count", 2, 0),
        ("close", 1, 0),
        ("make", 1, 0),
        ("generic", 1, 0),
        ("converts", 1, 1),
        ("recurses", 4, 0),
        ("never", 0, 1),
    ] {
        let counted = (
            calls(&handle, function, "ok"),
            calls(&handle, function, "error"),
        );
        assert_eq!(counted, (ok, error), "{function}");
    }
}

#[test]
fn an_async_method_of_a_trait_is_measured_until_it_ends() {
    use kinds::Boxes as _;
    let handle = recorded(|handle| {
        let shop = kinds::Shop::new();
        let going = shop.boxed(false);
        assert_eq!(value(handle, &["concurrent", "\"boxed\""]), 1);
        drop(going);
        assert_eq!(now(shop.boxed(true)), Err(Error));
    });
    assert_eq!(value(&handle, &["concurrent", "\"boxed\""]), 0);
    assert_eq!(value(&handle, &["cancelled", "\"boxed\""]), 1);
    assert_eq!(calls(&handle, "boxed", "error"), 1);
}

#[measured]
#[tracing::instrument]
fn is_traced_too(number: u8) -> Answer<u8> {
    Ok(number)
}

/// A check whose calls are counted, too.
#[mad_core::self_test]
#[measured]
async fn is_a_check_too() -> Result<(), String> {
    Ok(())
}

#[test]
fn it_stands_beside_other_attributes() {
    let handle = recorded(|_| {
        assert_eq!(is_traced_too(1), Ok(1));
        assert_eq!(now(is_a_check_too()), Ok(()));
    });
    assert_eq!(calls(&handle, "is_traced_too", "ok"), 1);
    assert_eq!(calls(&handle, "is_a_check_too", "ok"), 1);
}
