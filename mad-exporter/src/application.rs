//! The page of the application's own metrics.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long the application may take for its page: less than a scrape's usual 10 s, so that MAD's own
/// series arrive when the application's do not.
const PATIENCE: Duration = Duration::from_secs(5);

/// The page of the application's own metrics.
#[derive(Clone)]
pub(crate) struct Application {
    render: Arc<dyn Fn() -> String + Send + Sync>,
    /// One page at a time: one that never comes holds one thread and not one for each scrape.
    turn: Arc<Semaphore>,
}

impl Application {
    pub(crate) fn new(render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self {
            render: Arc::new(render),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Returns the page, or one that says in a comment that there is none.
    ///
    /// It is rendered on a thread where it may take its time; probes are answered meanwhile.
    pub(crate) async fn page(&self) -> String {
        match timeout(PATIENCE, self.render()).await {
            Ok(Some(page)) => page,
            Ok(None) => {
                "# The application's metrics are missing: rendering them panicked.\n".into()
            }
            Err(_) => "# The application's metrics are missing: they took too long.\n".into(),
        }
    }

    async fn render(&self) -> Option<String> {
        let turn = Arc::clone(&self.turn).acquire_owned().await.ok()?;
        let render = Arc::clone(&self.render);
        let page = spawn_blocking(move || {
            let _turn = turn;
            render()
        });
        page.await.ok()
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Application(..)")
    }
}
