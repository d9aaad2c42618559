//! The lines of a family's series up to their values, without what they have in common.

use super::labels::Labels;

/// How many rows are kept together, with the start that all of them have.
pub(crate) const STRIDE: usize = 64;

/// The lines of a family's series up to their values: `name{method="GET"} `, or `name `.
///
/// As they are in order, most begin as their neighbours do. What they begin with is kept once for each stride of them:
/// there is little to walk through for every page, and little to keep.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// What the rows of a stride begin with, then what each of them ends with; the next stride.
    text: Box<str>,
    strides: Box<[Stride]>,
    /// How long the end of each row is.
    ends: Box<[usize]>,
}

#[derive(Clone, Copy, Debug)]
struct Stride {
    /// Where it begins in the text.
    start: usize,
    /// How long the start of its rows is.
    shared: usize,
}

impl Rows {
    /// Writes the rows of a family, by the name that it is shown with. They are in order.
    pub(crate) fn new(name: &str, labels: &[Labels<'_>]) -> Self {
        let mut text = String::new();
        let mut ends = Vec::with_capacity(labels.len());
        let mut strides = Vec::with_capacity(labels.len().div_ceil(STRIDE));
        for labels in labels.chunks(STRIDE) {
            let rows: Vec<_> = labels.iter().map(|labels| row(name, *labels)).collect();
            let start = text.len();
            let shared = shared(&rows);
            strides.push(Stride { start, shared });
            text.push_str(rows.first().map_or("", |row| &row[..shared]));
            for row in &rows {
                let end = &row[shared..];
                text.push_str(end);
                ends.push(end.len());
            }
        }
        Self {
            text: text.into_boxed_str(),
            strides: strides.into_boxed_slice(),
            ends: ends.into_boxed_slice(),
        }
    }

    /// Returns the rows from the first of a stride on, as far as that goes.
    #[inline]
    pub(crate) fn stride(&self, stride: usize) -> Walk<'_> {
        let Stride { start, shared } = self.strides[stride];
        let (shared, rest) = self.text[start..].split_at(shared);
        let ends = self.ends[stride * STRIDE..].iter();
        Walk { shared, rest, ends }
    }
}

fn row(name: &str, labels: Labels<'_>) -> String {
    if labels.is_empty() {
        format!("{name} ")
    } else {
        format!("{name}{{{}}} ", labels.as_str())
    }
}

/// Returns how much all of them begin with. As they are in order, no other two differ earlier than the first and the
/// last.
fn shared(rows: &[String]) -> usize {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return 0;
    };
    let pairs = first.bytes().zip(last.bytes());
    let same = pairs.take_while(|(first, last)| first == last).count();
    first.floor_char_boundary(same)
}

/// The rows of a stride, one after the other.
#[derive(Debug)]
pub(crate) struct Walk<'r> {
    shared: &'r str,
    rest: &'r str,
    ends: std::slice::Iter<'r, usize>,
}

impl Walk<'_> {
    /// Appends the next row to a page.
    #[inline]
    pub(crate) fn append_next(&mut self, page: &mut String) {
        if let Some(end) = self.ends.next() {
            let (end, rest) = self.rest.split_at(*end);
            page.push_str(self.shared);
            page.push_str(end);
            self.rest = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::view::LabelText;

    fn rows(texts: &[LabelText]) -> Rows {
        let labels: Vec<_> = texts.iter().map(LabelText::labels).collect();
        Rows::new("name", &labels)
    }

    fn appended(rows: &Rows) -> Vec<String> {
        let walks = (0..rows.strides.len()).map(|stride| {
            let mut walk = rows.stride(stride);
            let count = STRIDE.min(rows.ends.len() - stride * STRIDE);
            (0..count).map(move |_| {
                let mut page = String::new();
                walk.append_next(&mut page);
                page
            })
        });
        walks.flatten().collect()
    }

    #[test]
    fn rows_stand_as_in_the_format() {
        let texts = [
            LabelText::default(),
            LabelText::from_iter([("a", "")]),
            LabelText::from_iter([("a", "x"), ("b", "}\" ")]),
        ];
        let expected = ["name ", r#"name{a=""} "#, r#"name{a="x",b="}\" "} "#];
        assert_eq!(appended(&rows(&texts)), expected);
    }

    proptest! {
        #[test]
        fn any_rows_come_out_as_they_went_in(mut values in prop::collection::vec("[aäöß{]{0,4}", 0..200)) {
            values.sort();
            let label = |value: &String| LabelText::from_iter([("l", value)]);
            let texts: Vec<_> = values.iter().map(label).collect();
            let expected = values.iter().map(|value| format!("name{{l=\"{value}\"}} "));
            prop_assert_eq!(appended(&rows(&texts)), expected.collect::<Vec<_>>());
        }
    }
}
