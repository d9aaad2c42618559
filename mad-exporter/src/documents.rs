//! The documents about health.

use axum::body::Bytes;
use mad_core::Probe;

use crate::instance::Instance;
use crate::pages::Pages;
use crate::render::format::{Shape, document};
use crate::render::state::State;
use crate::render::view::View;
use crate::renderings::Renderings;

/// The documents about health, each written once for all who want it at the same time.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) pages: Pages,
    renderings: Renderings<Wanted, Result<Document, String>>,
}

/// Which document somebody wants, and may have.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Wanted {
    /// What it is about: all that gates this.
    pub(crate) probe: Probe,
    pub(crate) shape: Shape,
    /// Whether more than names and states is for these eyes.
    pub(crate) may_see: bool,
}

/// A document, and how that is which it is about.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) state: State,
    pub(crate) text: Bytes,
}

impl Document {
    /// Writes one; the error says why it cannot be written.
    pub(crate) fn new(view: &View<'_>, shape: Shape) -> Result<Self, String> {
        let text = document(view, shape)
            .map_err(|error| format!("this cannot be written as JSON: {error}"))?;
        Ok(Self {
            state: view.state(),
            text: text.into(),
        })
    }
}

impl Instance {
    /// Returns a document that is written from now on.
    pub(crate) async fn document(&self, wanted: Wanted) -> Result<Document, String> {
        let Documents { pages, renderings } = &self.documents;
        let write = async |_turn| {
            let snapshot = self.engine.snapshot();
            let Wanted {
                probe,
                shape,
                may_see,
            } = wanted;
            Document::new(&View::new(&snapshot, &self.program, probe, may_see), shape)
        };
        renderings.next(&wanted, pages.turn(), write).await
    }
}
