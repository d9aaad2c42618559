//! The labels of series that follow one another.

use std::borrow::Cow;

use super::metric;
use crate::view::Labels;

/// The labels of a series as pairs of a name and a value.
///
/// Series follow one another in the order of their labels, and most differ in the last ones only: the pairs that the
/// series before had, too, are not made again.
#[derive(Debug)]
pub(super) struct Pairs {
    /// The labels as they are recorded.
    text: String,
    bytes: Vec<u8>,
    /// Where each label ends, but for the last one.
    ends: Vec<End>,
}

/// Where a label ends, with the comma behind it, and its pair.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    text: usize,
    bytes: usize,
}

impl Pairs {
    pub(super) const fn new() -> Self {
        Self {
            text: String::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Forgets the series before, as labels of the next one have other names.
    pub(super) fn clear(&mut self) {
        self.ends.clear();
    }

    /// Returns the pairs of the next series. The name is the one that a label is shown with.
    pub(super) fn of<'l>(
        &mut self,
        labels: Labels<'l>,
        name: impl Fn(&'l str) -> Cow<'l, str>,
    ) -> &[u8] {
        let text = labels.as_str();
        let start = self.keep_what_begins(text);
        let mut rest = Labels::from_text(&text[start..]).iter();
        while let Some((label, value)) = rest.next() {
            metric::label(&mut self.bytes, &name(label), &value);
            if !rest.as_str().is_empty() {
                self.ends.push(End {
                    text: text.len() - rest.as_str().len(),
                    bytes: self.bytes.len(),
                });
            }
        }
        &self.bytes
    }

    /// Forgets all but the labels that this begins with, too, and returns where they end.
    fn keep_what_begins(&mut self, text: &str) -> usize {
        let before = self.text.as_bytes();
        let is_same = |end: &End| text.as_bytes().starts_with(&before[..end.text]);
        let n_same = self.ends.iter().rposition(is_same).map_or(0, |at| at + 1);
        self.ends.truncate(n_same);
        let end = self.ends.last().copied().unwrap_or_default();
        self.bytes.truncate(end.bytes);
        self.text.truncate(end.text);
        self.text.push_str(&text[end.text..]);
        end.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::view::LabelText;

    proptest! {
        #[test]
        fn pairs_are_what_they_are_one_by_one(
            series in prop::collection::vec(prop::collection::vec(("[ab]", "[a,=\"\\\\]{0,2}"), 0..4), 0..20)
        ) {
            let mut pairs = Pairs::new();
            for labels in series {
                let text: LabelText = labels.iter().map(|(name, value)| (name, value)).collect();
                let mut expected = Vec::new();
                for (name, value) in &labels {
                    metric::label(&mut expected, name, value);
                }
                prop_assert_eq!(pairs.of(text.labels(), Cow::Borrowed), &expected[..]);
            }
        }
    }
}
