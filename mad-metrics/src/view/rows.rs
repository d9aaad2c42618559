//! The lines of a family's series up to their values, without what they have in common.

use super::labels::Labels;

/// How many bytes there are behind each piece of a row, so that more than the piece can be copied.
pub(crate) const SLACK: usize = 64;

/// How many rows are kept together, with the start that all of them have.
pub(crate) const STRIDE: usize = 64;

/// The lines of a family's series up to their values: `name{method="GET"} `, or `name `.
///
/// As they are in order, most begin as their neighbours do. What they begin with is kept once for each stride of them:
/// there is little to walk through for every page, and little to keep.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// What the rows of a stride begin with, then what each of them ends with; the next stride. At last, what is behind
    /// each piece.
    text: Box<str>,
    strides: Box<[Stride]>,
    /// How long the end of each row is.
    ends: Box<[u32]>,
}

#[derive(Clone, Copy, Debug)]
struct Stride {
    /// Where it begins in the text.
    start: usize,
    /// How long the start of its rows is.
    shared: usize,
    /// How long the longest of their ends is.
    longest: usize,
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
            text.push_str(rows.first().map_or("", |row| &row[..shared]));
            let mut longest = 0;
            for row in &rows {
                let end = &row[shared..];
                text.push_str(end);
                ends.push(u32::try_from(end.len()).unwrap_or_default());
                longest = longest.max(end.len());
            }
            strides.push(Stride {
                start,
                shared,
                longest,
            });
        }
        text.push_str(&" ".repeat(SLACK));
        Self {
            text: text.into_boxed_str(),
            strides: strides.into_boxed_slice(),
            ends: ends.into_boxed_slice(),
        }
    }

    /// Returns the rows from the first of a stride on, as far as that goes.
    #[inline]
    pub(crate) fn stride(&self, stride: usize) -> SomeRows<'_> {
        let Stride {
            start,
            shared,
            longest,
        } = self.strides[stride];
        SomeRows {
            text: &self.text.as_bytes()[start..],
            shared,
            ends: &self.ends[stride * STRIDE..],
            longest: shared + longest,
        }
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

/// The rows of a stride.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SomeRows<'r> {
    /// What all of them begin with, then what each ends with, one after the other; then other things, [`SLACK`] of them
    /// at least.
    pub(crate) text: &'r [u8],
    /// How long what they begin with is.
    pub(crate) shared: usize,
    /// How long what each ends with is; those of later strides follow.
    pub(crate) ends: &'r [u32],
    /// How long one of them is at most.
    pub(crate) longest: usize,
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

    /// Writes the rows by way of what is kept.
    fn written(rows: &Rows) -> Vec<String> {
        let mut written = Vec::new();
        for stride in 0..rows.strides.len() {
            let some = rows.stride(stride);
            let (shared, mut rest) = some.text.split_at(some.shared);
            for end in some.ends.iter().take(STRIDE) {
                let (end, after) = rest.split_at(*end as usize);
                let row = [shared, end].concat();
                assert!(row.len() <= some.longest && after.len() >= SLACK);
                written.push(String::from_utf8(row).expect("text"));
                rest = after;
            }
        }
        written
    }

    #[test]
    fn rows_stand_as_in_the_format() {
        let texts = [
            LabelText::default(),
            LabelText::from_iter([("a", "")]),
            LabelText::from_iter([("a", "x"), ("b", "}\" ")]),
        ];
        let expected = ["name ", r#"name{a=""} "#, r#"name{a="x",b="}\" "} "#];
        assert_eq!(written(&rows(&texts)), expected);
    }

    proptest! {
        #[test]
        fn any_rows_come_out_as_they_went_in(mut values in prop::collection::vec("[aäöß{]{0,4}", 0..200)) {
            values.sort();
            let label = |value: &String| LabelText::from_iter([("l", value)]);
            let texts: Vec<_> = values.iter().map(label).collect();
            let expected = values.iter().map(|value| format!("name{{l=\"{value}\"}} "));
            prop_assert_eq!(written(&rows(&texts)), expected.collect::<Vec<_>>());
        }
    }
}
