//! What a span says of the trace that it belongs to.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use tracing::field::{Field, Visit};

use crate::view::LabelText;

/// How long names and values of an exemplar may be together, in letters: what OpenMetrics allows.
const MAX_LETTERS: usize = 128;

const TRACE: &str = "trace_id";
const SPAN: &str = "span_id";

/// The fields of a span that say to which trace it belongs.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    trace: Option<String>,
    span: Option<String>,
}

impl Trace {
    /// Returns the labels of an exemplar, if the span says of which trace it is and there is room to say so.
    pub(super) fn labels(&self) -> Option<Arc<LabelText>> {
        let trace = self.trace.as_deref()?;
        let mut labels = LabelText::default();
        labels.push(TRACE, trace);
        let span = self.span.as_deref().filter(|span| {
            let letters = [TRACE, trace, SPAN, *span].map(|text| text.chars().count());
            letters.iter().sum::<usize>() <= MAX_LETTERS
        });
        if let Some(span) = span {
            labels.push(SPAN, span);
        }
        Some(Arc::new(labels))
    }
}

impl Visit for Trace {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let place = match field.name() {
            TRACE => &mut self.trace,
            SPAN => &mut self.span,
            _ => return,
        };
        let mut short = Short::beside(field.name());
        *place = match write!(short, "{value:?}") {
            Ok(()) => short.into_identifier(),
            Err(fmt::Error) => None,
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// A text that does not become longer than an exemplar allows.
struct Short {
    text: String,
    room: usize,
}

impl Short {
    fn beside(name: &str) -> Self {
        Self {
            text: String::new(),
            room: MAX_LETTERS - name.len(),
        }
    }

    /// Returns it, unless it stands for nothing, as only zeros do, or is no identifier: parsers of `OpenMetrics`
    /// stumble over escapes in exemplars.
    fn into_identifier(self) -> Option<String> {
        let is_nothing = self.text.bytes().all(|byte| byte == b'0');
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(&byte);
        (!is_nothing && self.text.bytes().all(is_letter)).then_some(self.text)
    }
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.room = self
            .room
            .checked_sub(text.chars().count())
            .ok_or(fmt::Error)?;
        self.text.push_str(text);
        Ok(())
    }
}
