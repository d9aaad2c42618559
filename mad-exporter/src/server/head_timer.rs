//! When the head of a request has taken too long.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use parking_lot::Mutex;
use tokio::time;

/// Tells hyper when the head of a request has taken too long, on one connection.
///
/// There is a deadline for each head, and hardly any passes. So the connection has one alarm, which stays where it
/// was set for an earlier head; only when it rings is it set to the deadline at hand.
#[derive(Debug, Default)]
pub(super) struct HeadTimer {
    /// Rings no later than the latest deadline. None before the first.
    alarm: Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Deadline {
            at: deadline.into(),
            alarm: Arc::clone(&self.alarm),
        })
    }
}

/// A deadline, which is later than those that the connection had before.
#[derive(Debug)]
struct Deadline {
    at: time::Instant,
    alarm: Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>,
}

impl Sleep for Deadline {}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut alarm = self.alarm.lock();
        let alarm = alarm.get_or_insert_with(|| Box::pin(time::sleep_until(self.at)));
        while alarm.as_mut().poll(context).is_ready() {
            if alarm.deadline() >= self.at {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(self.at);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::timeout;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    async fn is_over(deadline: &mut Pin<Box<dyn Sleep>>) -> bool {
        poll_fn(|context| Poll::Ready(deadline.as_mut().poll(context).is_ready())).await
    }

    #[tokio::test]
    async fn a_deadline_is_kept_whatever_became_of_those_before() {
        let (timer, started) = (HeadTimer::default(), Instant::now());
        for number in 1..=3 {
            // The head is there in time, after a while.
            let mut met = timer.sleep_until(started + SHORT * number);
            assert!(!is_over(&mut met).await);
        }
        let missed = timer.sleep_until(started + SHORT * 4);
        let later = timer.sleep_until(started + SHORT * 5);
        missed.await;
        assert!(started.elapsed() >= SHORT * 4);
        later.await;
        assert!(started.elapsed() >= SHORT * 5);
    }

    #[tokio::test]
    async fn who_waits_is_woken_when_the_alarm_was_set_for_somebody_before() {
        let timer = HeadTimer::default();
        let mut met = timer.sleep(SHORT);
        assert!(!is_over(&mut met).await);
        drop(met);
        let missed = timeout(Duration::from_mins(1), timer.sleep(2 * SHORT));
        missed.await.expect("it is over");
    }
}
