//! That who may do what has changed.

use std::future::pending;

use tokio::sync::watch;

/// Tells that who may do what has changed, for whoever acts on it for longer than a request takes.
///
/// Tokens in a file are all that changes while the program runs. What the application judges, it says anew each
/// time that it is asked, and to nobody in between.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    /// Nothing, if there is no such file.
    file: Option<watch::Receiver<()>>,
}

impl Changes {
    pub(super) fn new(file: Option<watch::Receiver<()>>) -> Self {
        Self { file }
    }

    /// Waits for a change since this was made.
    pub(crate) async fn changed(&mut self) {
        let told = match &mut self.file {
            Some(file) => file.changed().await,
            None => pending().await,
        };
        if told.is_err() {
            // Whoever could tell has gone, and so has the instance.
            pending::<()>().await;
        }
    }
}
