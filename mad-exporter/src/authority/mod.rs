//! Who may act and who may see.
//!
//! Everybody may ask whether the service works. What acts (starting a self-test, draining) and what
//! reveals (error texts, file names) is for whoever has a token with the right scope; where no token is
//! set, for callers from this host.

mod authoriser;
mod changes;
mod cross_site;
mod host;
mod peer;
mod scope;
mod token;
pub(crate) mod token_file;
mod tokens;

use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, FORWARDED, HeaderName, VIA};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use crate::reload::{Reload, Reloaded};
use crate::render::problem::Problem;

use cross_site::is_cross_site;
use host::{addressed_host, only};

pub(crate) use authoriser::Authoriser;
pub use authoriser::Credentials;
pub(crate) use changes::Changes;
pub(crate) use host::Hosts;
pub(crate) use peer::{ClientCertificate, Peer};
pub use scope::{Grant, InvalidScope, Scope, Scopes};
pub(crate) use token::InvalidToken;
pub use token::Token;
pub(crate) use tokens::Tokens;

/// What a proxy adds when it passes on what somebody else asked.
const FORWARDING: [HeaderName; 4] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
];

/// What the audit log calls a caller on this host who needs no token.
const LOCAL: &str = "local";

/// Who may act and who may see.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) tokens: Tokens,
    pub(crate) token_file: Option<Arc<Reloaded<Tokens>>>,
    pub(crate) authoriser: Option<Authoriser>,
    pub(crate) hosts: Hosts,
}

impl Authority {
    /// Says whether callers are known by what they bring, and not by where they are.
    pub(crate) fn knows_callers(&self) -> bool {
        !self.tokens.is_empty() || self.token_file.is_some() || self.authoriser.is_some()
    }

    /// Returns what is read again when its file changes.
    pub(crate) fn reloaded(&self) -> Vec<Arc<dyn Reload>> {
        let file = self.token_file.clone();
        file.map(|file| file as Arc<dyn Reload>)
            .into_iter()
            .collect()
    }

    /// Returns what tells that who may do what has changed since now.
    pub(crate) fn changes(&self) -> Changes {
        let file = self.token_file.as_ref();
        Changes::new(file.map(|file| file.changes()))
    }

    /// Returns who sent a request and what they may do, or says what is missing. It reads the head only.
    ///
    /// It waits for nobody, unless the application judges and somebody brings it something to judge.
    pub(crate) async fn recognise(&self, head: &Parts) -> Result<Grant, Problem> {
        if head.extensions.get::<Indifferent>().is_some() {
            return Err(not_here());
        }
        refuse_cross_site(head)?;
        let peer = Peer::of(head);
        let certificate = peer.certificate();
        let certified = certificate.and_then(ClientCertificate::grant);
        if !self.knows_callers() {
            if let Some(grant) = certified {
                return Ok(grant);
            }
            self.admit_local(head)?;
            return Ok(Grant::everything(LOCAL));
        }
        let bearer = bearer(&head.headers);
        if let Some(grant) = bearer.and_then(|token| self.grant(token)) {
            return Ok(grant);
        }
        let credentials = Credentials {
            token: bearer.map(str::to_owned),
            certificate_subject: certificate.map(|certificate| certificate.subject.clone()),
        };
        let grant = match &self.authoriser {
            Some(authoriser) if !credentials.are_none() => authoriser.judge(credentials).await?,
            _ => None,
        };
        grant.or(certified).ok_or_else(no_token)
    }

    fn grant(&self, token: &str) -> Option<Grant> {
        let own = self.tokens.grant(token).cloned();
        let files = self.token_file.as_ref().map(|file| file.current());
        // Both are asked, so that the time does not tell which one knows it.
        let files = files.and_then(|tokens| tokens.grant(token).cloned());
        own.or(files)
    }

    /// Lets callers from this host pass, and no page that a browser on this host was made to load.
    fn admit_local(&self, head: &Parts) -> Result<(), Problem> {
        let is_addressed = match Peer::of(head) {
            // Browsers do not come in through a file.
            Peer::Unix(_) => true,
            // A name that a foreign page's host resolves to this host is still that page's name.
            peer => {
                let host = addressed_host(head);
                peer.is_local() && host.is_some_and(|host| self.hosts.is_this_host(host))
            }
        };
        if is_addressed && !is_forwarded(&head.headers) {
            return Ok(());
        }
        let detail = "without a token this is served to callers on the same host only, who ask for \
                      `localhost`, `127.0.0.1` or `[::1]`: set a token with `.token_from_env(\"MAD_TOKEN\")` \
                      and send it as `Authorization: Bearer TOKEN`";
        Err(Problem::new(403, detail))
    }
}

/// Marks a request that has come to a place where nobody is more than anybody else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Indifferent;

fn not_here() -> Problem {
    let detail = "everybody is served the same here: ask at the address that is for operators";
    Problem::new(403, detail)
}

/// Refuses who is known and may not do this.
pub(crate) fn require(grant: &Grant, scope: Scope) -> Result<(), Problem> {
    if grant.scopes().include(scope) {
        return Ok(());
    }
    let detail = format!("this takes the scope `{scope}`, which your token does not have");
    // As RFC 6750 has it.
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    Err(Problem::new(403, detail)
        .with_member("scope", scope.to_string())
        .with_header("www-authenticate", challenge))
}

/// Says whether a request with this method asks for more than to look.
pub(crate) fn acts(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

fn refuse_cross_site(head: &Parts) -> Result<(), Problem> {
    if !acts(&head.method) || !is_cross_site(head) {
        return Ok(());
    }
    let detail =
        "a page of another site sent this: send it from a program, or from a page of this service";
    Err(Problem::new(403, detail))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn no_token() -> Problem {
    let detail = "send the token of this service: `Authorization: Bearer TOKEN`";
    Problem::new(401, detail).with_header("www-authenticate", "Bearer")
}

/// A proxy on this host makes everybody a caller from this host.
fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(name))
}
