//! Lines of one number each, if they are not long, as most lines of most pages are.
//!
//! To append a piece of text to a page is to look whether there is room and to call for a copy, which takes longer than
//! to write the few bytes that most pieces are. So some lines are put together in room that will do, by copies of a fixed
//! length: what is copied beyond the end of a piece, the next one overwrites. Then they are looked at, whether they are
//! text, and appended at once.

use super::lines::push;
use super::number;
use crate::view::{Numbers, SLACK};

/// How many bytes are copied at least.
const STEP: usize = SLACK / 2;

/// How long a line may be, with what is copied beyond its pieces.
const LINE: usize = 512;

/// How much is appended at once: more would be copied in a way that is slower where the page is not near.
const ROOM: usize = 2048;

/// Appends lines, and says whether it has: they may be too long.
pub(super) fn append(page: &mut String, numbers: &Numbers<'_>) -> bool {
    if numbers.rows().longest + number::LONGEST + SLACK > LINE {
        return false;
    }
    if numbers.are_counts() {
        append_with(page, numbers, number::put_integer);
    } else {
        append_with(page, numbers, |room, bits| {
            number::put_float(room, f64::from_bits(bits))
        });
    }
    true
}

fn append_with(
    page: &mut String,
    numbers: &Numbers<'_>,
    put_number: impl Fn(&mut [u8], u64) -> usize,
) {
    let rows = numbers.rows();
    let (shared, mut ends) = (rows.shared, &rows.text[rows.shared..]);
    let mut room = [0; ROOM];
    let mut filled = 0;
    for (&len, &bits) in rows.ends.iter().zip(numbers.bits()) {
        if filled + LINE > ROOM {
            append_text(page, &room[..filled]);
            filled = 0;
        }
        let line = &mut room[filled..][..LINE];
        let end = len as usize;
        put(line, rows.text, shared);
        put(&mut line[shared..], ends, end);
        let number = &mut line[shared + end..];
        let len = put_number(number, bits);
        number[len] = b'\n';
        filled += shared + end + len + 1;
        ends = &ends[end..];
    }
    append_text(page, &room[..filled]);
}

/// Puts the first bytes of a text, behind which there are others, into room for as many.
#[inline]
fn put(room: &mut [u8], text: &[u8], len: usize) {
    room[..STEP].copy_from_slice(&text[..STEP]);
    if len > STEP {
        room[STEP..SLACK].copy_from_slice(&text[STEP..SLACK]);
    }
    if len > SLACK {
        room[SLACK..len].copy_from_slice(&text[SLACK..len]);
    }
}

fn append_text(page: &mut String, text: &[u8]) {
    let text = str::from_utf8(text).expect("it was put together of text");
    push(page, text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::number;
    use crate::view::{Identity, LabelText, Labels, Number, Rows};

    /// Values of labels, some of which are as long as lines may be, or longer.
    fn values() -> impl Strategy<Value = Vec<String>> {
        let value = prop_oneof![9 => "[aäß€]{0,40}", 1 => "[aä]{0,600}"];
        prop::collection::vec(value, 1..64)
    }

    proptest! {
        #[test]
        fn lines_are_what_they_are_one_by_one(
            mut values in values(),
            start in "[aä]{0,80}",
            bits in any::<[u64; 64]>(),
            shift in 0..64_u32,
            are_counts in any::<bool>(),
        ) {
            values.sort();
            let label = |value: &String| LabelText::from_iter([("l", format!("{start}{value}"))]);
            let texts: Vec<_> = values.iter().map(label).collect();
            let labels: Vec<Labels<'_>> = texts.iter().map(LabelText::labels).collect();
            let rows = Rows::new("name", &labels);
            let bits = bits.map(|bits| bits >> shift);
            let identity = |at: usize| Identity { labels: labels[at], created: None };
            let numbers = Numbers::new(&rows, 0, &bits[..labels.len()], are_counts, &identity);

            let mut page = "before\n".to_owned();
            let is_appended = append(&mut page, &numbers);

            let longest = texts.iter().map(|text| text.labels().as_str().len()).max();
            prop_assert!(is_appended || longest > Some(LINE - 2 * SLACK));
            let mut expected = "before\n".to_owned();
            for (labels, bits) in labels.iter().zip(bits).take(if is_appended { 64 } else { 0 }) {
                expected.extend(["name{", labels.as_str(), "} "]);
                let number = if are_counts { Number::Integer(bits) } else { Number::Float(f64::from_bits(bits)) };
                number::append(&mut expected, number);
                expected.push('\n');
            }
            prop_assert_eq!(page, expected);
        }
    }
}
