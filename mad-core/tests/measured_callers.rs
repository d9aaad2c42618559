//! Which measured function called, as the counter of calls has it.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::panic::catch_unwind;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use mad_core::measured;
use mad_metrics::Builder;

/// Returns who called whom while `call` ran, by the names of functions: `"outer > inner"`.
fn callers<T>(call: impl FnOnce() -> T) -> BTreeSet<String> {
    let recorder = Builder::new().build().unwrap();
    metrics::with_local_recorder(&recorder, || drop(call()));
    let page = recorder.handle().render();
    let counted = page
        .lines()
        .filter(|line| line.starts_with("function_calls_total{") && !line.ends_with(" 0"));
    counted.map(edge).collect()
}

fn edge(line: &str) -> String {
    let label = |name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=\""))?;
        rest.split('"').next()
    };
    let function = label("{function").unwrap();
    assert_eq!(label(",module"), Some(module_path!()), "{line}");
    let Some(caller) = label("caller_function") else {
        assert_eq!(label("caller_module"), None, "{line}");
        return function.to_owned();
    };
    assert_eq!(label("caller_module"), Some(module_path!()), "{line}");
    format!("{caller} > {function}")
}

fn set(edges: &[&str]) -> BTreeSet<String> {
    edges.iter().map(|&edge| edge.to_owned()).collect()
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[measured]
fn inner() {}

#[measured]
fn panics() {
    panic!("as it is to");
}

#[measured]
fn outer() {
    // It is not measured, and so it is nobody's caller.
    let between = || inner();
    between();
    catch_unwind(panics).unwrap_err();
    inner();
}

#[test]
fn the_caller_is_the_measured_function_around_and_whoever_comes_from_elsewhere_has_none() {
    let edges = callers(|| {
        inner();
        outer();
        catch_unwind(panics).unwrap_err();
        inner();
    });
    let expected = [
        "inner",
        "outer",
        "panics",
        "outer > inner",
        "outer > panics",
    ];
    assert_eq!(edges, set(&expected));
}

#[measured]
fn recurses(depth: u8) -> u8 {
    if depth == 0 {
        0
    } else {
        recurses(depth - 1) + 1
    }
}

#[test]
fn a_function_that_calls_itself_is_its_own_caller() {
    let edges = callers(|| recurses(3));
    assert_eq!(edges, set(&["recurses", "recurses > recurses"]));
}

#[test]
fn what_runs_on_another_thread_is_called_by_nobody() {
    #[measured]
    fn starts() {
        // The recorder of this test is that of its thread, too.
        let recorder = Builder::new().build().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| metrics::with_local_recorder(&recorder, inner));
        });
        let page = recorder.handle().render();
        assert!(
            page.contains("function_calls_total{") && !page.contains("caller_"),
            "{page}"
        );
    }
    assert_eq!(callers(starts), set(&["starts"]));
}

async fn is_polled_again() {
    let mut is_again = false;
    poll_fn(|_| {
        if std::mem::replace(&mut is_again, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[measured]
async fn first() {
    inner();
    is_polled_again().await;
    inner();
}

#[measured]
async fn second() {
    is_polled_again().await;
    outer();
}

#[test]
fn futures_that_are_polled_in_turn_are_not_taken_for_one_another() {
    let edges = callers(|| {
        let (mut one, mut other) = (pin!(first()), pin!(second()));
        assert!(poll(one.as_mut()).is_pending() && poll(other.as_mut()).is_pending());
        // Between two polls nobody is at work.
        recurses(0);
        assert!(poll(one).is_ready() && poll(other).is_ready());
    });
    let expected = [
        "first",
        "second",
        "recurses",
        "first > inner",
        "second > outer",
        "outer > inner",
        "outer > panics",
    ];
    assert_eq!(edges, set(&expected));
}

#[measured]
async fn awaits() {
    first().await;
    inner();
}

#[test]
fn what_is_awaited_is_called_by_the_function_that_awaits() {
    let edges = callers(|| {
        let mut future = pin!(awaits());
        assert!(poll(future.as_mut()).is_pending());
        assert!(poll(future).is_ready());
    });
    let expected = [
        "awaits",
        "awaits > first",
        "first > inner",
        "awaits > inner",
    ];
    assert_eq!(edges, set(&expected));
}

struct Shop;

#[async_trait::async_trait]
trait Sells {
    async fn sell(&self);
}

#[async_trait::async_trait]
impl Sells for Shop {
    #[measured]
    async fn sell(&self) {
        inner();
        is_polled_again().await;
        inner();
    }
}

#[test]
fn an_async_method_of_a_trait_is_a_caller_whenever_it_is_polled() {
    let edges = callers(|| {
        let mut future = Shop.sell();
        assert!(poll(future.as_mut()).is_pending());
        assert!(poll(future.as_mut()).is_ready());
    });
    assert_eq!(edges, set(&["sell", "sell > inner"]));
}

/// A value that is at work when a future is given up.
struct CallsWhenDropped<'a>(&'a Cell<bool>);

impl Drop for CallsWhenDropped<'_> {
    fn drop(&mut self) {
        inner();
        self.0.set(true);
    }
}

#[measured]
async fn is_given_up(is_dropped: &Cell<bool>) {
    let _last = CallsWhenDropped(is_dropped);
    std::future::pending::<()>().await;
}

#[test]
fn a_future_that_is_given_up_leaves_no_caller_behind() {
    let edges = callers(|| {
        let is_dropped = Cell::new(false);
        let mut future = Box::pin(is_given_up(&is_dropped));
        assert!(poll(future.as_mut()).is_pending());
        drop(future);
        assert!(is_dropped.get());
        recurses(0);
    });
    assert_eq!(edges, set(&["inner", "recurses"]));
}

#[measured]
async fn borrows<'a>(texts: &'a [&str], more: &mut Vec<&'a str>) -> Option<&'a str> {
    is_polled_again().await;
    more.extend(texts);
    let each: Box<dyn Iterator<Item = &&str> + Send> = Box::new(texts.iter());
    is_polled_again().await;
    each.last().copied()
}

#[measured]
async fn is_of_one_thread(value: Rc<Cell<u8>>) -> u8 {
    is_polled_again().await;
    value.get()
}

#[test]
fn a_future_may_go_to_another_thread_if_it_could_without_the_annotation() {
    fn may_go<F: Future + Send>(future: F) -> F {
        future
    }
    let (texts, mut more) = (["a", "b"], Vec::new());
    let mut future = Box::pin(may_go(borrows(&texts, &mut more)));
    while poll(future.as_mut()).is_pending() {}
    drop(future);
    assert_eq!(more, texts);
    let mut future = pin!(is_of_one_thread(Rc::default()));
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(poll(future), Poll::Ready(0));
}

mod sizes {
    use super::is_polled_again;

    async fn large() -> u8 {
        let large = [0; 1_000];
        is_polled_again().await;
        large[0]
    }

    async fn bare_within() -> u8 {
        large().await
    }

    pub(super) async fn bare() -> u8 {
        bare_within().await
    }

    #[mad_core::measured]
    async fn measured_within() -> u8 {
        large().await
    }

    #[mad_core::measured]
    pub(super) async fn measured() -> u8 {
        measured_within().await
    }
}

#[test]
fn a_future_within_another_takes_its_room_once() {
    let bare = size_of_val(&sizes::bare());
    let measured = size_of_val(&sizes::measured());
    assert!(measured < bare * 3 / 2, "{measured} and {bare}");
}
