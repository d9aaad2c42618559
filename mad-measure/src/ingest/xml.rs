//! Reports that are XML.

use roxmltree::{Document, Node};

use super::error::IngestError;

pub(super) fn document(text: &str) -> Result<Document<'_>, IngestError> {
    // Cobertura's reports name a document type, of which nothing is read.
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| {
        let line = usize::try_from(error.pos().row).unwrap_or(usize::MAX);
        IngestError::at(line, format!("it is not well-formed XML: {error}"))
    })
}

pub(super) fn line(node: Node<'_, '_>) -> usize {
    let position = node.document().text_pos_at(node.range().start);
    usize::try_from(position.row).unwrap_or(usize::MAX)
}
