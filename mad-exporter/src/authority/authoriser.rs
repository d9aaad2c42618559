//! The application's own judgement of who somebody is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::scope::Grant;
use crate::render::problem::Problem;

/// How long the application may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many it may judge at once.
const AT_ONCE: usize = 8;

/// What somebody brings along to show who they are.
#[derive(Clone)]
pub struct Credentials {
    pub(super) token: Option<String>,
    pub(super) certificate_subject: Option<String>,
}

impl Credentials {
    /// Returns what was sent as `Authorization: Bearer TOKEN`.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Returns whom the client's certificate is for, as RFC 4514 writes it: `CN=deployer,O=Example`.
    ///
    /// It is there only on connections of MAD's own server that asked for one and have verified it (feature
    /// `tls`).
    pub fn certificate_subject(&self) -> Option<&str> {
        self.certificate_subject.as_deref()
    }

    pub(super) fn are_none(&self) -> bool {
        self.token.is_none() && self.certificate_subject.is_none()
    }
}

/// Without the token.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("has_token", &self.token.is_some())
            .field("certificate_subject", &self.certificate_subject)
            .finish()
    }
}

type Judge = dyn Fn(&Credentials) -> Option<Grant> + Send + Sync;

/// The application's own judgement of who somebody is.
#[derive(Clone)]
pub(crate) struct Authoriser {
    judge: Arc<Judge>,
    turns: Arc<Semaphore>,
}

impl Authoriser {
    pub(crate) fn new(
        judge: impl Fn(&Credentials) -> Option<Grant> + Send + Sync + 'static,
    ) -> Self {
        Self {
            judge: Arc::new(judge),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Asks it, on a thread where it may take its time. If it panics, nobody is who they say.
    pub(super) async fn judge(&self, credentials: Credentials) -> Result<Option<Grant>, Problem> {
        let judge = Arc::clone(&self.judge);
        let judged = async {
            let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
            let judged = spawn_blocking(move || {
                let _turn = turn;
                judge(&credentials)
            });
            judged.await.ok().flatten()
        };
        timeout(PATIENCE, judged).await.map_err(|_| {
            let detail = "the service does not find out who you are: ask again in a moment";
            Problem::new(503, detail).with_header("retry-after", "1")
        })
    }
}

impl fmt::Debug for Authoriser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authoriser(..)")
    }
}
