//! Why a report is refused.

/// Why a report is refused. Nothing of it is taken then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", self.place())]
pub struct IngestError {
    /// The line, from 1, unless it is about the report as a whole.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub reason: String,
}

impl IngestError {
    /// What is wrong with a line.
    pub(crate) fn at(line: usize, reason: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            reason: reason.into(),
        }
    }

    /// What is wrong with the whole.
    pub(crate) fn whole(reason: impl Into<String>) -> Self {
        Self {
            line: None,
            reason: reason.into(),
        }
    }

    fn place(&self) -> String {
        self.line
            .map_or_else(String::new, |line| format!("line {line}: "))
    }
}

/// The report as text; the error names the first line that is none.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, IngestError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        IngestError::at(line, "it is not UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A time in seconds, as reports have them.
pub(crate) fn seconds(text: &str, line: usize) -> Result<f64, IngestError> {
    // Some write thousands with a comma.
    let number = text.trim().replace(',', "").parse::<f64>();
    match number {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(seconds),
        _ => Err(IngestError::at(
            line,
            format!("`{text}` is no time in seconds"),
        )),
    }
}
