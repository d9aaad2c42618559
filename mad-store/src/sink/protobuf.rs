//! Protocol buffers, as far as two formats of metrics need them.

/// A message that is written field by field.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// What follows in another message.
    pub(super) fn append(&mut self, mut rest: Self) {
        self.0.append(&mut rest.0);
    }

    /// `int64`, `uint32`, `enum`, `bool`; negative ones take ten bytes.
    pub(super) fn integer(&mut self, field: u32, value: i64) {
        self.key(field, 0);
        self.variable(value.cast_unsigned());
    }

    pub(super) fn double(&mut self, field: u32, value: f64) {
        self.key(field, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn fixed64(&mut self, field: u32, value: u64) {
        self.key(field, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn text(&mut self, field: u32, text: &str) {
        self.key(field, 2);
        self.variable(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Repeated integers in one field.
    pub(super) fn packed(&mut self, field: u32, values: impl IntoIterator<Item = u32>) {
        self.message(field, |packed| {
            for value in values {
                packed.variable(u64::from(value));
            }
        });
    }

    /// A message inside.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.key(field, 2);
        let start = self.0.len();
        write(self);
        // Its length goes before it, and takes as much room as it takes.
        let mut length = Self::default();
        length.variable((self.0.len() - start) as u64);
        self.0.splice(start..start, length.0);
    }

    fn key(&mut self, field: u32, wire_type: u32) {
        self.variable(u64::from(field << 3 | wire_type));
    }

    fn variable(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}

/// A field that was read: a number, or bytes, whichever it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'message> {
    pub(super) number: u64,
    pub(super) bytes: &'message [u8],
}

/// The fields of a message that somebody else wrote, each with its number, as far as it can be read.
pub(super) fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        let key = variable(&mut rest)?;
        let mut field = Field {
            number: 0,
            bytes: &[],
        };
        match key & 7 {
            0 => field.number = variable(&mut rest)?,
            1 => field.bytes = rest.split_off(..8)?,
            2 => {
                let length = usize::try_from(variable(&mut rest)?).ok()?;
                field.bytes = rest.split_off(..length)?;
            }
            5 => field.bytes = rest.split_off(..4)?,
            _ => return None,
        }
        Some((key >> 3, field))
    })
}

pub(super) fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn variable(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = rest.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(number in any::<i64>(), text in ".*") {
            let mut message = Message::default();
            message.integer(3, number);
            message.message(70, |inner| inner.text(1, &text));
            let bytes = message.into_bytes();
            let read: Vec<_> = fields(&bytes).collect();
            prop_assert_eq!(read[0].0, 3);
            prop_assert_eq!(read[0].1.number, number.cast_unsigned());
            prop_assert_eq!(read[1].0, 70);
            let inner: Vec<_> = fields(read[1].1.bytes).collect();
            prop_assert_eq!(text_of(inner[0].1.bytes), text);
        }

        #[test]
        fn garbage_ends(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(fields(&bytes).count() <= bytes.len());
        }
    }
}
