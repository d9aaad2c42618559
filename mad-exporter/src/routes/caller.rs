//! Who sent a request, as far as a handler needs to know.
//!
//! A handler that takes an [`Authorised`] runs for nobody else, and before its body is read. What it is
//! authorised to do stands in its type: `Authorised` reads, `Authorised<Trigger>` starts self-tests,
//! `Authorised<Admin>` changes the instance.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::time::SystemTime;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use mad_core::Effects;

use crate::audit::{Audit, AuditEntry};
use crate::authority::{Changes, Grant, Peer, Scope, acts, require};
use crate::instance::Shared;
use crate::render::problem::{Problem, excerpt};

/// Somebody who asks what everybody may ask.
///
/// It is told to nobody, and so, unlike [`Authorised`], it costs a probe next to nothing.
#[derive(Debug)]
pub(super) struct Viewer {
    admitted: Result<(), Problem>,
}

impl Viewer {
    /// Says whether error texts, notes, file names and versions are for these eyes.
    pub(super) fn may_see(&self) -> bool {
        self.admitted.is_ok()
    }

    /// Refuses whoever may not see.
    pub(super) fn must_see(self) -> Result<(), Problem> {
        self.admitted
    }
}

impl FromRequestParts<Shared> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, instance: &Shared) -> Result<Self, Infallible> {
        let grant = instance.authority.recognise(head).await;
        Ok(Self {
            admitted: grant.and_then(|grant| require(&grant, Scope::Read)),
        })
    }
}

/// What somebody is authorised to do: the least that the route takes.
pub(super) trait Purpose {
    const SCOPE: Scope;
}

/// To see everything.
#[derive(Debug)]
pub(super) struct Read;

/// To start self-tests and to end runs. How harmful ones is for the handler to ask:
/// [`Authorised::most_harmful`].
#[derive(Debug)]
pub(super) struct Trigger;

/// To change how the instance presents itself.
#[derive(Debug)]
pub(super) struct Admin;

impl Purpose for Read {
    const SCOPE: Scope = Scope::Read;
}

impl Purpose for Trigger {
    const SCOPE: Scope = Scope::Trigger(Effects::Pure);
}

impl Purpose for Admin {
    const SCOPE: Scope = Scope::Admin;
}

/// Somebody who may do this, and see.
#[derive(Debug)]
pub(super) struct Authorised<P = Read> {
    caller: Caller,
    grant: Grant,
    changes: Changes,
    purpose: PhantomData<P>,
}

impl<P> Authorised<P> {
    /// Returns where the request came from.
    pub(super) fn requested_by(&self) -> &str {
        &self.caller.requested_by
    }

    /// Returns what tells that this may hold no more, for an answer that goes on.
    pub(super) fn changes(self) -> Changes {
        self.changes
    }

    /// Tells the program what was done, or refused.
    pub(super) fn tell(&self, audit: &Audit, subject: &str, is_accepted: bool) {
        let who = Some(self.grant.name());
        self.caller.tell(audit, who, subject, is_accepted);
    }
}

impl Authorised<Trigger> {
    /// Returns the most harmful class of self-tests that this caller may start.
    pub(super) fn most_harmful(&self) -> Effects {
        self.grant.scopes().trigger().unwrap_or(Effects::Pure)
    }

    /// Refuses a run of this class if it is beyond this caller.
    pub(super) fn may_start(&self, effects: Effects) -> Result<(), Problem> {
        require(&self.grant, Scope::Trigger(effects))
    }
}

impl<P: Purpose> FromRequestParts<Shared> for Authorised<P> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, instance: &Shared) -> Result<Self, Problem> {
        let caller = Caller::of(head);
        // First this, then the judgement: so that no change is missed in between.
        let changes = instance.authority.changes();
        let grant = instance.authority.recognise(head).await;
        let who = grant.as_ref().ok().map(Grant::name);
        let admitted = match &grant {
            Ok(grant) => require(grant, P::SCOPE),
            Err(problem) => Err(problem.clone()),
        };
        if admitted.is_err() && acts(&head.method) {
            caller.tell(&instance.audit, who, "", false);
        }
        admitted?;
        Ok(Self {
            caller,
            grant: grant?,
            changes,
            purpose: PhantomData,
        })
    }
}

/// What is told to the program about a request.
#[derive(Debug)]
struct Caller {
    requested_by: String,
    request: String,
}

impl Caller {
    fn of(head: &Parts) -> Self {
        Self {
            requested_by: Peer::of(head).to_string(),
            request: format!("{} {}", head.method, excerpt(head.uri.path())),
        }
    }

    fn tell(&self, audit: &Audit, who: Option<&str>, subject: &str, is_accepted: bool) {
        audit.tell(AuditEntry {
            at: SystemTime::now(),
            requested_by: self.requested_by.clone(),
            who: who.map(excerpt),
            request: self.request.clone(),
            subject: excerpt(subject),
            is_accepted,
        });
    }
}
