//! How many requests are worked on at once that are no probes.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::render::problem::Problem;

/// So many that nobody who means well is refused, and so few that there is room for probes beside them.
const MOST: usize = 256;

/// Those who wait for something that is no probe.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    room: Arc<Semaphore>,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(MOST)),
        }
    }
}

impl Crowd {
    /// Answers a request, or refuses it when too many are being answered.
    pub(super) async fn admit(self, request: Request, next: Next) -> Response {
        match self.room.try_acquire() {
            Ok(_place) => next.run(request).await,
            Err(_) => too_many().into_response(),
        }
    }
}

fn too_many() -> Problem {
    let detail = format!("{MOST} requests are being answered: ask again in a moment");
    Problem::new(503, detail).with_header("retry-after", "1")
}
