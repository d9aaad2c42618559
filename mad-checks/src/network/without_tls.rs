//! TLS in a program that has left it out.

use super::NetworkError;
use super::connection::Connection;

/// What is trusted: nobody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {}

impl Trust {
    /// Refuses, before anything is sent in the clear.
    #[expect(clippy::unused_self, reason = "with TLS it does what this says")]
    pub(crate) fn secured(&self, _: Connection, _: &str) -> Result<Connection, NetworkError> {
        Err(NetworkError::WithoutTls)
    }
}
