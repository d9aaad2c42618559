//! Requests that are sent twice and meant once: the header `Idempotency-Key`.

use std::collections::VecDeque;

use mad_core::{REMEMBERED_RUNS, RunId};
use parking_lot::Mutex;

use crate::trigger_request::TriggerRequest;

/// How long a key may be.
const MAX_LENGTH: usize = 255;

/// What a client calls one request, however often it sends it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Key(String);

impl Key {
    /// Reads a key as the draft writes it, `"8e03978e"`, or bare, as many clients do.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let quoted = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let key = quoted.unwrap_or(text);
        let is_legal = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',');
        let is_key = !key.is_empty() && key.len() <= MAX_LENGTH && key.bytes().all(is_legal);
        is_key.then(|| Self(key.to_owned()))
    }
}

/// The requests that came with a key, as many as runs are remembered.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<VecDeque<Entry>>);

#[derive(Debug)]
struct Entry {
    key: Key,
    request: TriggerRequest,
    /// The run that it started, once it has.
    run: Option<RunId>,
    /// Whether somebody is being answered.
    is_open: bool,
}

/// What is known of a key.
#[derive(Debug)]
pub(crate) enum Known<'a> {
    /// Nothing: start what is asked for.
    New(Claim<'a>),
    /// This was asked before, and started this run.
    Started(Claim<'a>, RunId),
    /// It is being answered; the run is known if it has started.
    Open(Option<RunId>),
    /// Something else was asked with it.
    Other,
}

impl Keys {
    /// Looks a key up, and takes it for as long as its request is being answered.
    ///
    /// A run that is not remembered any more is as good as none.
    pub(crate) fn claim(
        &self,
        key: Key,
        request: &TriggerRequest,
        is_remembered: impl Fn(&RunId) -> bool,
    ) -> Known<'_> {
        let mut entries = self.0.lock();
        entries.retain(|entry| entry.is_open || entry.run.as_ref().is_some_and(&is_remembered));
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) {
            return match entry.run.clone() {
                _ if entry.request != *request => Known::Other,
                Some(run) if !entry.is_open => {
                    entry.is_open = true;
                    Known::Started(Claim { keys: self, key }, run)
                }
                run => Known::Open(run),
            };
        }
        if entries.len() >= REMEMBERED_RUNS {
            entries.pop_front();
        }
        entries.push_back(Entry {
            key: key.clone(),
            request: request.clone(),
            run: None,
            is_open: true,
        });
        Known::New(Claim { keys: self, key })
    }
}

/// A key whose request is being answered. Dropped, also when the caller hangs up, it is open no more;
/// what started nothing is forgotten.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    keys: &'a Keys,
    key: Key,
}

impl Claim<'_> {
    /// Says which run the request has started.
    pub(crate) fn started(&self, run: &RunId) {
        let mut entries = self.keys.0.lock();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == self.key) {
            entry.run = Some(run.clone());
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut entries = self.keys.0.lock();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == self.key) {
            entry.is_open = false;
        }
        entries.retain(|entry| entry.is_open || entry.run.is_some());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_quoted_and_bare_and_has_bounds() {
        let bare = Key::from_text("8e03978e-40d5").unwrap();
        assert_eq!(Key::from_text(r#""8e03978e-40d5""#), Some(bare));
        assert!(Key::from_text(&"k".repeat(MAX_LENGTH)).is_some());
        let too_long = "k".repeat(MAX_LENGTH + 1);
        for wrong in ["", r#""""#, "a b", "a,b", r#"""#, r#"a"b"#, "ä", &too_long] {
            assert_eq!(Key::from_text(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn no_more_keys_are_remembered_than_runs() {
        let keys = Keys::default();
        let request = TriggerRequest::default();
        for number in 0..10 * REMEMBERED_RUNS {
            let key = Key::from_text(&format!("key-{number}")).unwrap();
            let Known::New(claim) = keys.claim(key, &request, |_| true) else {
                panic!("{number} is known");
            };
            claim.started(&RunId::from_text("1-1"));
        }
        assert_eq!(keys.0.lock().len(), REMEMBERED_RUNS);
    }
}
