//! The documents about health.

mod kept;

use std::time::SystemTime;

use axum::body::Bytes;
use mad_core::Probe;
use parking_lot::Mutex;

use crate::instance::Instance;
use crate::pages::Pages;
use crate::render::format::{Shape, document};
use crate::render::state::State;
use crate::render::view::View;
use crate::renderings::Renderings;
use kept::Kept;

/// The documents about health, each written once for all who want it at the same time, and again when it would
/// be another one.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) pages: Pages,
    renderings: Renderings<Wanted, Result<Document, String>>,
    kept: Mutex<Kept>,
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
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Document {
    pub(crate) state: State,
    pub(crate) text: Bytes,
}

/// How long a document may be, in bytes: whoever asks often, or for many instances, has to take it.
const LONGEST: usize = 64 * 1024;

impl Document {
    /// Writes one, which says less, and that it does, if it would be too long. The error says why it cannot be
    /// written.
    pub(crate) fn new(mut view: View<'_>, shape: Shape) -> Result<Self, String> {
        let write = |view: &View<'_>| {
            let text = document(view, shape);
            text.map_err(|error| format!("this cannot be written as JSON: {error}"))
        };
        let mut text = write(&view)?;
        while text.len() > LONGEST && view.shorten() {
            text = write(&view)?;
        }
        Ok(Self {
            state: view.state(),
            text: text.into(),
        })
    }
}

impl Instance {
    /// Returns a document that is written from now on, or says what one would.
    pub(crate) async fn document(&self, wanted: Wanted) -> Result<Document, String> {
        let Documents {
            pages,
            renderings,
            kept,
        } = &self.documents;
        if let Some(document) = self.kept_document(wanted) {
            return Ok(document);
        }
        let write = async |_turn| {
            // First this, then the snapshot: so that nothing is missed in between.
            let standing = self.engine.standing();
            let snapshot = self.engine.snapshot();
            let Wanted {
                probe,
                shape,
                may_see,
            } = wanted;
            let view = View::new(&snapshot, &self.program, probe, may_see);
            let document = Document::new(view, shape)?;
            kept.lock()
                .keep(&snapshot, Some(standing), wanted, &document);
            Ok(document)
        };
        renderings.next(&wanted, pages.turn(), write).await
    }

    /// Returns the document that would be written now, if it was.
    fn kept_document(&self, wanted: Wanted) -> Option<Document> {
        let kept = self.documents.kept.lock();
        let (now, runtimes) = (SystemTime::now(), self.engine.runtimes());
        kept.find_standing(now, &runtimes, wanted)
            .or_else(|| kept.find(&self.engine.snapshot(), wanted))
    }
}
