//! The lines of a family's series up to their values, side by side.

use super::labels::Labels;

/// The lines of a family's series up to their values: `name{method="GET"} `, or `name `, one after the other.
///
/// They are walked through from front to back for every page, and the processor fetches ahead what lies in
/// order.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    text: Box<str>,
    ends: Vec<usize>,
    name_len: usize,
}

impl Rows {
    /// Writes the rows of a family, by the name that it is shown with.
    pub(crate) fn new<'a, L>(name: &str, labels: L) -> Self
    where
        L: Iterator<Item = Labels<'a>> + Clone,
    {
        const BRACES: usize = "{} ".len();
        let lengths = labels.clone();
        let lengths = lengths.map(|labels| name.len() + labels.as_str().len() + BRACES);
        let mut text = String::with_capacity(lengths.sum());
        let mut ends = Vec::with_capacity(labels.size_hint().0);
        for labels in labels {
            text.push_str(name);
            if !labels.is_empty() {
                text.push('{');
                text.push_str(labels.as_str());
                text.push('}');
            }
            text.push(' ');
            ends.push(text.len());
        }
        let name_len = name.len();
        Self {
            text: text.into_boxed_str(),
            ends,
            name_len,
        }
    }

    /// Returns those from a place on, so many of them.
    #[inline]
    pub(crate) fn some(&self, first: usize, count: usize) -> impl Iterator<Item = Row<'_>> {
        let mut start = self.start(first);
        self.ends[first..first + count].iter().map(move |end| {
            let text = &self.text[start..*end];
            start = *end;
            let name_len = self.name_len;
            Row { text, name_len }
        })
    }

    fn start(&self, at: usize) -> usize {
        match at {
            0 => 0,
            at => self.ends[at - 1],
        }
    }

    /// Returns one of them.
    #[inline]
    pub(crate) fn row(&self, at: usize) -> Row<'_> {
        let start = self.start(at);
        Row {
            text: &self.text[start..self.ends[at]],
            name_len: self.name_len,
        }
    }
}

/// A line up to its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    text: &'a str,
    name_len: usize,
}

impl<'a> Row<'a> {
    #[inline]
    pub(crate) fn as_bytes(self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Returns the labels that are in it.
    #[inline]
    pub(crate) fn labels(self) -> Labels<'a> {
        let rest = &self.text[self.name_len..];
        // Between the brace and the other one with the blank.
        let labels = rest.get(1..rest.len().saturating_sub(2));
        Labels::from_text(labels.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::LabelText;

    #[test]
    fn rows_stand_as_in_the_format_and_have_their_labels() {
        let texts = [
            LabelText::default(),
            LabelText::from_iter([("a", "x"), ("b", "}\" ")]),
            LabelText::from_iter([("a", "")]),
        ];
        let rows = Rows::new("name", texts.iter().map(LabelText::labels));
        let expected = ["name ", r#"name{a="x",b="}\" "} "#, r#"name{a=""} "#];
        for (at, (text, expected)) in texts.iter().zip(expected).enumerate() {
            assert_eq!(rows.row(at).as_bytes(), expected.as_bytes());
            assert_eq!(rows.row(at).labels(), text.labels());
        }
    }
}
