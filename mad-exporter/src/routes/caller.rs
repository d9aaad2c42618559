//! Who sent a request, as far as a handler needs to know.
//!
//! A handler that takes an [`Authorised`] runs for nobody else, and before its body is read.

use std::convert::Infallible;
use std::time::SystemTime;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::audit::{Audit, AuditEntry};
use crate::authority::{acts, peer};
use crate::instance::Shared;
use crate::render::problem::{Problem, excerpt};

/// Somebody who asks what everybody may ask.
#[derive(Debug)]
pub(super) struct Viewer {
    /// Whether error texts, notes, file names and versions are for these eyes.
    pub(super) may_see: bool,
}

impl FromRequestParts<Shared> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, instance: &Shared) -> Result<Self, Infallible> {
        let may_see = instance.authority.admit(head).is_ok();
        Ok(Self { may_see })
    }
}

/// Somebody who may act and see.
#[derive(Debug)]
pub(super) struct Authorised {
    requested_by: String,
    request: String,
}

impl Authorised {
    /// Returns where the request came from.
    pub(super) fn requested_by(&self) -> &str {
        &self.requested_by
    }

    /// Tells the program what was done, or refused.
    pub(super) fn tell(&self, audit: &Audit, subject: &str, is_accepted: bool) {
        audit.tell(AuditEntry {
            at: SystemTime::now(),
            requested_by: self.requested_by.clone(),
            request: self.request.clone(),
            subject: excerpt(subject),
            is_accepted,
        });
    }
}

impl FromRequestParts<Shared> for Authorised {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, instance: &Shared) -> Result<Self, Problem> {
        let caller = Self {
            requested_by: peer(head).map_or_else(|| "unknown".to_owned(), |peer| peer.to_string()),
            request: format!("{} {}", head.method, excerpt(head.uri.path())),
        };
        let admission = instance.authority.admit(head);
        if admission.is_err() && acts(&head.method) {
            caller.tell(&instance.audit, "", false);
        }
        admission.map(|()| caller)
    }
}
