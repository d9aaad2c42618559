//! One series: a value, and what tells it from others.

use std::borrow::Cow;
use std::sync::Arc as StdArc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use metrics::{Key, Label};

use super::family::Family;
use crate::exemplars::Exemplars;
use crate::instrument::Watched;
use crate::same::{after, is_same};
use crate::sync::{AtomicBool, AtomicU32};
use crate::view::{LabelText, Labels};

/// The name of the only label of a series that counts for those beyond a limit; OpenTelemetry's name.
pub(crate) const OVERFLOW: &str = "otel_metric_overflow";

/// A value, and what tells it from others.
///
/// In this order: what a page reads of a series lies together, and most often on one cache line.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Series<V> {
    /// Whether nobody has left a note of having recorded something since somebody looked. A value that can tell
    /// that itself needs none.
    is_quiet: AtomicBool,
    /// Whether it is not shown until something is recorded.
    is_asleep: AtomicBool,
    /// When it became quiet, by the clock of the sweep.
    quiet_since: AtomicU32,
    exemplars: Exemplars,
    value: V,
    identity: Identity,
    /// In milliseconds of Unix time.
    created: u64,
    family: StdArc<Family>,
}

/// What tells a series from the others of its family.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) hash: u64,
    /// Its own labels, then the global ones.
    text: Box<str>,
    /// The length of its own labels.
    own: u32,
    /// How many labels of its own it has.
    n_own: u16,
    /// Whether no value had to be escaped, so that its own labels can be compared as they stand.
    is_plain: bool,
}

impl Identity {
    /// Makes the identity of a key whose labels are legal and differ.
    pub(crate) fn new(key: &Key, global_labels: &[(String, String)]) -> Self {
        let own = || key.labels().map(|label| (label.key(), label.value()));
        let is_own = |name: &str| key.labels().any(|label| label.key() == name);
        let global = || {
            let others = global_labels.iter().filter(|(name, _)| !is_own(name));
            others.map(|(name, value)| (name.as_str(), value.as_str()))
        };
        let mut text = LabelText::with_room_for(own().chain(global()));
        own().for_each(|(name, value)| text.push(name, value));
        let own = text.labels().as_str().len();
        global().for_each(|(name, value)| text.push(name, value));
        let text = text.into_text();
        Self {
            hash: key.get_hash(),
            is_plain: !text[..own].contains('\\'),
            own: u32::try_from(own).unwrap_or(u32::MAX),
            n_own: u16::try_from(key.labels().len()).unwrap_or(u16::MAX),
            text,
        }
    }

    #[inline]
    fn own(&self) -> &str {
        &self.text[..self.own as usize]
    }

    /// Says whether these are its own labels, in any order.
    #[inline]
    fn has(&self, labels: std::slice::Iter<'_, Label>) -> bool {
        labels.len() == usize::from(self.n_own)
            && (self.is_plain && stand_in(self.own(), labels.clone()) || self.has_all(labels))
    }

    #[cold]
    fn has_all(&self, labels: std::slice::Iter<'_, Label>) -> bool {
        fn sorted<'a>(mut labels: Vec<(&'a str, Cow<'a, str>)>) -> Vec<(&'a str, Cow<'a, str>)> {
            labels.sort_unstable();
            labels
        }
        let labels = labels.map(|label| (label.key(), Cow::Borrowed(label.value())));
        let own = Labels::from_text(self.own()).iter();
        sorted(labels.collect()) == sorted(own.collect())
    }
}

/// Says whether these labels are what stands there, in this order.
///
/// Nothing in the text is escaped. So there are just two quotes for each label, none of them in a value;
/// what has as many labels and the same letters then has none in a value either.
#[inline]
fn stand_in(text: &str, labels: std::slice::Iter<'_, Label>) -> bool {
    let mut rest = text.as_bytes();
    for label in labels {
        let Some(after) = after_label(rest, label) else {
            return false;
        };
        rest = after.strip_prefix(b",").unwrap_or(after);
    }
    rest.is_empty()
}

/// Returns what comes after `name="value"`.
#[inline]
fn after_label<'t>(text: &'t [u8], label: &Label) -> Option<&'t [u8]> {
    let rest = after(text, label.key().as_bytes())?;
    let rest = rest.strip_prefix(b"=\"")?;
    let rest = after(rest, label.value().as_bytes())?;
    rest.strip_prefix(b"\"")
}

impl<V> Series<V> {
    pub(crate) fn new(value: V, identity: Identity, family: StdArc<Family>) -> Self {
        let age = SystemTime::now().duration_since(UNIX_EPOCH);
        let age = age.unwrap_or_default().as_millis();
        Self {
            value,
            is_quiet: AtomicBool::new(false),
            is_asleep: AtomicBool::new(false),
            identity,
            quiet_since: AtomicU32::new(0),
            created: u64::try_from(age).unwrap_or_default(),
            exemplars: Exemplars::default(),
            family,
        }
    }

    /// Returns the value, to be read.
    pub(crate) fn value(&self) -> &V {
        &self.value
    }

    /// Returns the value, to be changed, and leaves a note of it.
    #[inline]
    pub(crate) fn touch(&self) -> &V {
        if self.is_quiet.load(Relaxed) {
            self.leave_note();
        }
        &self.value
    }

    #[cold]
    fn leave_note(&self) {
        // In an order with the swap of `look`, whichever comes first.
        self.is_quiet.swap(false, Relaxed);
    }

    /// Says whether this is the series that a key of legal labels means.
    #[inline]
    pub(crate) fn is(&self, key: &Key) -> bool {
        let (this, name) = (self.family.key_name().as_bytes(), key.name().as_bytes());
        this.len() == name.len() && is_same(this, name) && self.identity.has(key.labels())
    }

    /// Says whether it counts for keys beyond a limit.
    pub(crate) fn is_overflow(&self) -> bool {
        self.identity.n_own == 1 && self.identity.text.starts_with(OVERFLOW)
    }

    pub(crate) fn hash(&self) -> u64 {
        self.identity.hash
    }

    pub(crate) fn family(&self) -> &StdArc<Family> {
        &self.family
    }

    pub(crate) fn labels(&self) -> Labels<'_> {
        Labels::from_text(&self.identity.text)
    }

    #[inline]
    pub(crate) fn exemplars(&self) -> &Exemplars {
        &self.exemplars
    }

    pub(crate) fn created(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.created)
    }

    /// Returns how many bytes it has on the heap, without its value.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.identity.text.len()
    }
}

impl<V: Watched> Series<V> {
    /// Says whether it is shown. What was recorded while it slept has woken it up.
    #[inline]
    pub(crate) fn is_shown(&self) -> bool {
        !self.is_asleep.load(Relaxed) || self.has_woken()
    }

    /// Says whether something was recorded while it slept; if so, it sleeps no longer.
    #[cold]
    pub(crate) fn has_woken(&self) -> bool {
        let has_woken = !self.is_quiet.load(Relaxed) || self.value.has_moved();
        if has_woken {
            self.is_asleep.store(false, Relaxed);
        }
        has_woken
    }

    /// Hides it until something is recorded.
    pub(crate) fn put_to_sleep(&self) {
        self.value.stand_out();
        self.is_quiet.store(true, Relaxed);
        self.value.look();
        self.is_asleep.store(true, Relaxed);
    }

    /// Looks whether something was recorded since the last look, and puts it to sleep if there was nothing
    /// for this long. Says whether it sleeps.
    pub(crate) fn look(&self, now: u32, timeout: u32) -> bool {
        let was_noted = !self.is_quiet.swap(true, Relaxed);
        if self.value.look() || was_noted {
            self.is_asleep.store(false, Relaxed);
            self.quiet_since.store(now, Relaxed);
            return false;
        }
        if now.wrapping_sub(self.quiet_since.load(Relaxed)) > timeout {
            self.value.stand_out();
            self.is_asleep.store(true, Relaxed);
        }
        self.is_asleep.load(Relaxed)
    }
}
