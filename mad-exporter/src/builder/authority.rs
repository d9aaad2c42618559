//! Who may act and see, and who is told of it.

use std::env::{self, VarError};
use std::path::PathBuf;
use std::sync::Arc;

use super::ExporterBuilder;
use crate::audit::AuditEntry;
use crate::authority::{
    Authoriser, Authority, Credentials, Grant, Hosts, Scopes, Token, Tokens, token_file,
};
use crate::reload::Reloaded;
use crate::start_error::Problem;

/// What the audit log calls who has the one token that may do everything.
const TOKEN: &str = "token";

/// How callers are known.
#[derive(Debug, Default)]
pub(super) struct Access {
    token: Option<Token>,
    scoped_tokens: Vec<Token>,
    token_file: Option<PathBuf>,
    authoriser: Option<Authoriser>,
    hosts: Vec<String>,
}

impl Access {
    pub(super) fn into_authority(self) -> Result<Authority, Problem> {
        let tokens = self.token.into_iter().chain(self.scoped_tokens);
        let tokens = Tokens::new(tokens).map_err(Problem::Token)?;
        let load =
            |path: PathBuf| Reloaded::load(vec![path.clone()], move || token_file::read(&path));
        let token_file = self.token_file.map(load).transpose();
        let token_file = token_file.map_err(Problem::TokenFile)?;
        Ok(Authority {
            tokens,
            token_file: token_file.map(Arc::new),
            authoriser: self.authoriser,
            hosts: Hosts::new(self.hosts),
        })
    }
}

/// Who may act and see, how often, and who is told of it.
impl ExporterBuilder {
    /// Sets the token that lets its bearer start self-tests, drain, and see why something fails.
    ///
    /// Without one, that is for callers on the same host. Behind a proxy on the same host everybody
    /// is one: set a token there.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.access.token = Some(Token::new(TOKEN, token, Scopes::ALL));
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
        self.access.scoped_tokens.push(token);
        self
    }

    /// Takes tokens from a file, and takes them again when it changes: no restart to replace one.
    ///
    /// Each line is a token alone, which may do everything, or a name, its scopes and the token:
    ///
    /// ```text
    /// # who     what                    token
    /// deployer  admin,trigger:scratch   7ac3f09e5d...
    /// grafana   read                    91b0d4c28e...
    /// ```
    ///
    /// Nobody else may be able to read or replace it: it belongs to the user of this process and has mode
    /// 600 or less, or it belongs to root and has mode 640 or less, as secrets of Kubernetes
    /// (`defaultMode: 0400`) and systemd do. It is looked at once a second. One that has changed and cannot
    /// be used is a [warning](crate::Exporter::warnings), and what was in it before holds.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.access.token_file = Some(path.into());
        self
    }

    /// Asks the application who somebody is, and what they may do, when no token says so: for tokens that
    /// are elsewhere, and for the subjects of certificates.
    ///
    /// It is asked only about those who bring something, on a thread where it may take up to two seconds:
    /// then they are refused with 503. If it panics, they are nobody.
    ///
    /// ```
    /// use mad_core::{Check, HealthOptions};
    /// use mad_exporter::{Credentials, Exporter, Grant, Scope};
    ///
    /// let exporter = Exporter::builder()
    ///     .check(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))
    ///     .authorise(|credentials: &Credentials| match credentials.certificate_subject()? {
    ///         "CN=deployer" => Some(Grant::new("deployer", [Scope::Admin])),
    ///         _ => None,
    ///     })
    ///     .start()?;
    /// # exporter.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), mad_exporter::StartError>(())
    /// ```
    pub fn authorise(
        mut self,
        judge: impl Fn(&Credentials) -> Option<Grant> + Send + Sync + 'static,
    ) -> Self {
        self.access.authoriser = Some(Authoriser::new(judge));
        self
    }

    /// Serves at addresses of its own only who asks for this host by one of these names, by `localhost` or
    /// by an address; others get 421.
    ///
    /// A page of another site can make a browser send requests here under the name of that site. It can
    /// learn no more than everybody may, and start nothing: this keeps that from it too.
    pub fn allow_hosts<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.access.hosts.extend(names.into_iter().map(Into::into));
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
