//! What Cargo, rustc and clippy write with `--message-format=json`.

use serde::Deserialize;

use super::error::IngestError;
use super::json;
use crate::lint::Complaints;

#[derive(Deserialize)]
struct Line {
    reason: String,
    message: Option<Message>,
    success: Option<bool>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    code: Option<Code>,
    #[serde(rename = "message")]
    text: String,
    #[serde(default)]
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    column_start: usize,
    is_primary: bool,
}

/// Reads what was complained of. It has to be whole: Cargo says at the end that the build is finished.
pub(crate) fn read(text: &str) -> Result<Complaints, IngestError> {
    let mut complaints = Complaints::default();
    let mut is_finished = false;
    for line in json::lines::<Line>(text, "message of Cargo") {
        let (_, line) = line?;
        match (line.reason.as_str(), line.message) {
            ("compiler-message", Some(message)) => message.tell(&mut complaints),
            ("build-finished", _) => is_finished = line.success.is_some(),
            _ => {}
        }
    }
    if is_finished {
        Ok(complaints)
    } else {
        Err(IngestError::whole(
            "there is no message `build-finished`: the report is cut off",
        ))
    }
}

impl Message {
    fn tell(&self, complaints: &mut Complaints) {
        // Without a code and a place it only sums up what was said before.
        let Some(place) = self.spans.iter().find(|span| span.is_primary) else {
            return;
        };
        let text = format!(
            "{}:{}:{}: {}",
            place.file_name, place.line_start, place.column_start, self.text
        );
        let lint = self.code.as_ref().map_or("unnamed", |code| &code.code);
        match self.level.as_str() {
            "warning" => complaints.warn(lint, &text),
            // A lint that is denied is a lint all the same; other errors have numbers.
            "error" if lint.contains("::") || !lint.starts_with('E') => {
                complaints.warn(lint, &text);
            }
            "error" => complaints.error(&text),
            _ => {}
        }
    }
}
