//! One rendering for all who ask for the same at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::OnceCell;

/// What is rendered for several at once, by what they want.
///
/// Whoever asks before a rendering begins gets it, and whoever asks later gets the next one: so nobody sees what
/// was before they asked, and a thousand who ask at once cost two renderings.
#[derive(Debug)]
pub(crate) struct Renderings<K, T> {
    /// Those that have not begun. They are kept by those who wait for them, and by nobody else.
    due: Mutex<HashMap<K, Weak<OnceCell<T>>>>,
}

impl<K, T> Default for Renderings<K, T> {
    fn default() -> Self {
        Self {
            due: Mutex::default(),
        }
    }
}

impl<K: Clone + Eq + Hash, T: Clone> Renderings<K, T> {
    /// Waits for a rendering of what is wanted that begins after this was called.
    ///
    /// One of those who wait for it awaits the turn and renders; should that one leave, another does.
    pub(crate) async fn next<P, R>(
        &self,
        wanted: &K,
        turn: impl Future<Output = P>,
        render: impl FnOnce(P) -> R,
    ) -> T
    where
        R: Future<Output = T>,
    {
        let due = self.join(wanted);
        let rendered = due.get_or_init(async || {
            let turn = turn.await;
            self.begin(wanted, &due);
            render(turn).await
        });
        rendered.await.clone()
    }

    /// Returns the one that is due, which may be a new one.
    fn join(&self, wanted: &K) -> Arc<OnceCell<T>> {
        let mut due = self.due.lock();
        if let Some(joined) = due.get(wanted).and_then(Weak::upgrade) {
            return joined;
        }
        due.retain(|_, other| other.strong_count() > 0);
        let new = Arc::default();
        due.insert(wanted.clone(), Arc::downgrade(&new));
        new
    }

    /// From here on nobody joins this one.
    fn begin(&self, wanted: &K, begun: &Arc<OnceCell<T>>) {
        let mut due = self.due.lock();
        if due
            .get(wanted)
            .is_some_and(|due| due.as_ptr() == Arc::as_ptr(begun))
        {
            due.remove(wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, ready};

    use tokio::sync::Semaphore;
    use tokio::task::yield_now;
    use tokio::{join, select};

    use super::*;

    /// Renders how many there were before.
    struct Counting {
        renderings: Renderings<&'static str, u32>,
        begun: Cell<u32>,
    }

    impl Counting {
        fn new() -> Self {
            Self {
                renderings: Renderings::default(),
                begun: Cell::new(0),
            }
        }

        async fn ask(&self, wanted: &'static str, turn: impl Future<Output = ()>) -> u32 {
            let render = |()| {
                self.begun.set(self.begun.get() + 1);
                let number = self.begun.get();
                async move {
                    yield_now().await;
                    number
                }
            };
            self.renderings.next(&wanted, turn, render).await
        }
    }

    #[tokio::test]
    async fn who_asks_before_it_begins_shares_it_and_who_asks_later_does_not() {
        let counting = Counting::new();
        let late = async {
            // The others have asked, and theirs has begun.
            yield_now().await;
            yield_now().await;
            assert_eq!(counting.begun.get(), 1);
            counting.ask("a", ready(())).await
        };
        let early = [(); 2].map(|()| counting.ask("a", yield_now()));
        let [first, second] = early;
        assert_eq!(join!(biased; first, second, late), (1, 1, 2));
        assert_eq!(counting.ask("a", ready(())).await, 3);
    }

    #[tokio::test]
    async fn who_wants_something_else_gets_something_else() {
        let counting = Counting::new();
        let (a, b) = join!(biased; counting.ask("a", yield_now()), counting.ask("b", yield_now()));
        assert_eq!((a, b), (1, 2));
    }

    #[tokio::test]
    async fn when_who_renders_leaves_another_does() {
        let counting = Counting::new();
        let turns = Semaphore::new(0);
        let turn = async || drop(turns.acquire().await);
        let leaves = async {
            select! {
                biased;
                _ = counting.ask("a", pending()) => unreachable!("its turn never comes"),
                () = yield_now() => turns.add_permits(1),
            }
        };
        let ((), stays) = join!(biased; leaves, counting.ask("a", turn()));
        assert_eq!(stays, 1);
    }

    #[tokio::test]
    async fn nothing_is_left_of_what_nobody_waits_for() {
        let counting = Counting::new();
        for wanted in ["a", "b", "c"] {
            select! {
                biased;
                _ = counting.ask(wanted, pending()) => unreachable!("its turn never comes"),
                () = yield_now() => {}
            }
        }
        assert_eq!(counting.ask("d", ready(())).await, 1);
        assert!(counting.renderings.due.lock().is_empty());
    }
}
