//! How a client would like to be answered: the header `Prefer`, as RFC 7240 has it.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

/// How a client says what it prefers.
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// How it is told what of that was done.
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What of it means something here.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Prefer {
    /// Rather no waiting than a late answer.
    pub(crate) respond_async: bool,
    /// How long it will wait.
    wait: Option<Duration>,
}

impl Prefer {
    /// Reads the header. What is unknown or malformed is passed over; of what is there twice, the first
    /// counts.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let mut prefer = Self::default();
        let values = headers.get_all(PREFER).iter();
        let readable = values.filter_map(|value| value.to_str().ok());
        let mut is_wait_known = false;
        for preference in readable.flat_map(|value| split(value, ',')) {
            let preference = split(preference, ';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("respond-async") {
                prefer.respond_async = true;
            } else if name.eq_ignore_ascii_case("wait") && !is_wait_known {
                is_wait_known = true;
                prefer.wait = seconds(value);
            }
        }
        prefer
    }

    /// Returns how long the answer may take; `None` if nothing is preferred.
    pub(crate) fn patience(self) -> Option<Duration> {
        self.wait.or(self.respond_async.then_some(Duration::ZERO))
    }

    /// Says what was done of it, where the answer came before the end or not, after so long a wait at most.
    pub(crate) fn applied(self, is_async: bool, waited: Duration) -> Option<String> {
        let respond_async = (self.respond_async && is_async).then(|| "respond-async".to_owned());
        let wait = self.wait.map(|_| format!("wait={}", waited.as_secs()));
        let applied: Vec<_> = respond_async.into_iter().chain(wait).collect();
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}

/// Splits at a separator where it is not quoted.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |letter: char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match letter {
            '\\' if is_quoted && !was_escaped => is_escaped = true,
            '"' if !was_escaped => is_quoted = !is_quoted,
            _ => {}
        }
        letter == separator && !is_quoted
    })
}

/// Reads whole seconds; more than there are is as long as can be.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn prefer(lines: &[&str]) -> Prefer {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(PREFER, HeaderValue::from_str(line).expect("a header"));
        }
        Prefer::from_headers(&headers)
    }

    #[test]
    fn how_long_the_answer_may_take_is_read_as_the_rfc_has_it() {
        let check = |lines: &[&str], expected: Option<u64>| {
            let patience = prefer(lines).patience();
            assert_eq!(patience, expected.map(Duration::from_secs), "{lines:?}");
        };
        check(&[], None);
        check(&["respond-async"], Some(0));
        check(&["Respond-Async;x=1, return=minimal"], Some(0));
        check(&["wait=10"], Some(10));
        check(&["respond-async, wait=10"], Some(10));
        check(&["respond-async", "wait = \"5\""], Some(5));
        check(&["wait=1, wait=2"], Some(1));
        check(&["foo=\"a, respond-async\""], None);
        check(&["foo=\"a\\\", respond-async\""], None);
        check(&["foo; respond-async"], None);
        check(&["wait=-1"], None);
        check(&["wait"], None);
        check(&["wait=99999999999999999999999"], Some(u64::MAX));
    }

    #[test]
    fn what_was_done_is_said() {
        let (zero, ten) = (Duration::ZERO, Duration::from_secs(10));
        let both = prefer(&["respond-async, wait=10"]);
        assert_eq!(both.applied(true, ten).unwrap(), "respond-async, wait=10");
        assert_eq!(both.applied(false, ten).unwrap(), "wait=10");
        assert_eq!(prefer(&["respond-async"]).applied(false, zero), None);
        assert_eq!(prefer(&["return=minimal"]).applied(true, zero), None);
    }

    proptest! {
        #[test]
        fn any_header_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(PREFER, value);
            }
            _ = Prefer::from_headers(&headers).patience();
        }
    }
}
