//! What a thread remembers of a key.

use std::hash::{Hash as _, Hasher};
use std::slice;

use metrics::{Key, Label, SharedString};

use crate::memory::Asked;
use crate::registry::Series;
use crate::same::is_same;

/// What is remembered of a key.
#[derive(Debug)]
pub(crate) enum KeyNote {
    /// A key whose parts are constant, as in most macros: they are where they were. As there is a copy of
    /// the key, nothing else can come to be there.
    Constant(KeyPlace, Box<Key>),
    /// A key that is made anew each time.
    Made(KeyTexts),
}

/// Where the parts of a key are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeyPlace {
    name: usize,
    labels: usize,
    n_labels: usize,
}

impl KeyPlace {
    #[inline]
    fn of(key: &Key) -> Self {
        let labels = key.labels().as_slice();
        Self {
            name: key.name().as_ptr().addr(),
            labels: labels.as_ptr().addr(),
            n_labels: labels.len(),
        }
    }
}

/// The texts of a key. Those that are constant in a macro are where they were, whatever the others are.
#[derive(Debug)]
pub(crate) struct KeyTexts {
    name: SharedString,
    /// The name and the value of each label.
    labels: Box<[[SharedString; 2]]>,
}

impl KeyTexts {
    fn of(key: Key) -> Self {
        let (name, labels) = key.into_parts();
        let labels = labels.into_iter().map(|label| label.into_parts().into());
        Self {
            name: name.into_inner(),
            labels: labels.collect(),
        }
    }

    /// Says whether these are the texts of a key, in this order.
    ///
    /// Apart from the way of the keys that are constant.
    #[inline(never)]
    fn are_of(&self, key: &Key) -> bool {
        let labels = key.labels();
        self.labels.len() == labels.len()
            && is_same_text(self.name.as_bytes(), key.name().as_bytes())
            && self.labels.iter().zip(labels).all(are_in)
    }
}

/// Says whether these are the texts of a label.
#[inline]
fn are_in((texts, label): (&[SharedString; 2], &Label)) -> bool {
    let mut comparison = Comparison {
        texts: texts.iter(),
        is_same: true,
    };
    label.hash(&mut comparison);
    comparison.is_same && comparison.texts.len() == 0
}

/// Compares texts with what is hashed.
///
/// What the facade hashes of a label are its name and its value. So both are seen without the calls that ask for them.
struct Comparison<'t> {
    texts: slice::Iter<'t, SharedString>,
    is_same: bool,
}

impl Hasher for Comparison<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let text = self.texts.next();
        if !text.is_some_and(|text| is_same_text(text.as_bytes(), bytes)) {
            self.is_same = false;
        }
    }

    /// A text has an end.
    #[inline]
    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        0
    }
}

/// Says whether two texts are the same, which often are one.
#[inline]
fn is_same_text(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (one.as_ptr() == other.as_ptr() || is_same(one, other))
}

impl Asked for Key {
    type Note = KeyNote;

    #[inline]
    fn hash(&self) -> u64 {
        self.get_hash()
    }

    fn note(&self) -> KeyNote {
        let copy = self.clone();
        let place = KeyPlace::of(self);
        // The copy of parts that are not constant is somewhere else.
        if place == KeyPlace::of(&copy) {
            KeyNote::Constant(place, Box::new(copy))
        } else {
            KeyNote::Made(KeyTexts::of(copy))
        }
    }

    #[inline]
    fn is(&self, note: &KeyNote) -> bool {
        match note {
            // A constant key may stand in the program more than once.
            KeyNote::Constant(place, copy) => *place == KeyPlace::of(self) || **copy == *self,
            KeyNote::Made(texts) => texts.are_of(self),
        }
    }

    /// Its labels may be in another order.
    fn means<I>(&self, series: &Series<I>) -> bool {
        series.is(self)
    }
}

#[cfg(test)]
mod tests {
    use metrics::{Key, Label};
    use proptest::prelude::*;

    use super::KeyTexts;

    /// Texts that differ in all that they can differ in, and are often the same.
    fn text() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["", "a", "b", "ab", "a-b-c-d-e", "a-b-c-d-f"])
            .prop_map(String::from)
    }

    prop_compose! {
        fn parts()(name in text(), labels in prop::collection::vec((text(), text()), 0..4)) -> (String, Vec<(String, String)>) {
            (name, labels)
        }
    }

    fn key((name, labels): &(String, Vec<(String, String)>)) -> Key {
        let labels = labels
            .iter()
            .map(|(name, value)| Label::new(name.clone(), value.clone()));
        Key::from_parts(name.clone(), labels.collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn texts_are_those_of_their_key_and_of_no_other(one in parts(), other in parts()) {
            let texts = KeyTexts::of(key(&one));
            prop_assert!(texts.are_of(&key(&one)));
            prop_assert_eq!(texts.are_of(&key(&other)), one == other);
        }
    }

    #[test]
    fn constants_are_the_same_where_they_are_and_elsewhere() {
        static LABELS: [Label; 1] = [Label::from_static_parts("method", "GET")];
        let constant = Key::from_static_labels("requests_total", &LABELS);
        let made = Key::from_parts(
            "requests_total".to_owned(),
            vec![Label::new("method", "GET".to_owned())],
        );
        let texts = KeyTexts::of(constant.clone());
        assert!(texts.are_of(&constant) && texts.are_of(&made));
    }
}
