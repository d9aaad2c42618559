//! Who may act and see, and who is told of it.

use std::env::{self, VarError};

use super::ExporterBuilder;
use crate::audit::AuditEntry;
use crate::authority::Token;

/// Who may act and see, how often, and who is told of it.
impl ExporterBuilder {
    /// Sets the token that lets its bearer start self-tests, drain, and see why something fails.
    ///
    /// Without one, that is for callers on the same host. Behind a proxy on the same host everybody
    /// is one: set a token there.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the token from an environment variable; one that is not set changes nothing.
    ///
    /// One that is set and empty keeps the exporter from starting: somebody meant to protect it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the program names the variable: this is where configuration is passed in"
    )]
    pub fn token_from_env(self, variable: &str) -> Self {
        match env::var(variable) {
            Ok(token) => self.token(token),
            Err(VarError::NotPresent) => self,
            // Refused at the start, like every token that cannot be sent.
            Err(VarError::NotUnicode(token)) => self.token(token.to_string_lossy()),
        }
    }

    /// Adds a token that lets its bearer do some things and not others.
    ///
    /// There may be any number, beside [`token`](Self::token) or without it: one for each who asks, and
    /// two for one while it is replaced.
    ///
    /// ```
    /// use mad_core::{Check, Effects, HealthOptions};
    /// use mad_exporter::{Exporter, Scope, Token};
    ///
    /// # fn secret(_: &str) -> String { "3f2c1ab".to_owned() }
    /// let exporter = Exporter::builder()
    ///     .check(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))
    ///     .scoped_token(Token::new("dashboard", secret("dashboard"), [Scope::Read]))
    ///     .scoped_token(Token::new("ci", secret("ci"), [Scope::Trigger(Effects::Scratch)]))
    ///     .start()?;
    /// # exporter.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), mad_exporter::StartError>(())
    /// ```
    pub fn scoped_token(mut self, token: Token) -> Self {
        self.scoped_tokens.push(token);
        self
    }

    /// Sets how many requests a minute may start self-tests: 60 unless said otherwise, and at least 1.
    ///
    /// So many may come at once. What comes beyond is refused with 429, and told when to ask again.
    pub fn triggers_per_minute(mut self, requests: u32) -> Self {
        self.triggers_per_minute = requests;
        self
    }

    /// Starts no self-tests over HTTP while the machine has this load or more: runnable tasks for each
    /// core, on average over the last minute. There is no limit unless one is set.
    ///
    /// The load is read from `/proc/loadavg`, which tells that of the whole machine, in a container too.
    /// Where there is no such file, the exporter does not start.
    pub fn max_load_per_core(mut self, load: f64) -> Self {
        self.max_load_per_core = Some(load);
        self
    }

    /// Calls a function for every request that acts, or tries to: an audit log.
    ///
    /// It has a thread of its own and may take its time; when more than 1,024 entries wait for it,
    /// the newest are lost.
    pub fn audit(mut self, hook: impl Fn(&AuditEntry) + Send + 'static) -> Self {
        self.audit = Some(Box::new(hook));
        self
    }
}
