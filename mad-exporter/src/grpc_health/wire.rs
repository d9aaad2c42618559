//! The protobuf encoding, as far as the messages of this protocol need it.

use std::str::Utf8Error;

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Malformed {
    /// It ends in the middle of a field.
    BrokenOff,
    /// A number has more than 64 bits.
    TooLong,
    /// A field has a number or a type that there is not, or a group ends that did not begin.
    Field,
    /// A text is no UTF-8.
    Text,
}

impl From<Utf8Error> for Malformed {
    fn from(_: Utf8Error) -> Self {
        Self::Text
    }
}

/// A field that is not inside a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    /// Its bytes, if it is of a type that has any: a text, or a message.
    pub(crate) bytes: Option<&'a [u8]>,
}

/// Reads the fields of a message; those of groups, which nobody writes any more, are left out.
pub(crate) fn fields(mut rest: &[u8]) -> Result<Vec<Field<'_>>, Malformed> {
    let mut fields = Vec::new();
    let mut groups = Vec::new();
    while !rest.is_empty() {
        let tag = u32::try_from(varint(&mut rest)?).map_err(|_| Malformed::Field)?;
        let (number, kind) = (tag >> 3, tag & 7);
        if number == 0 {
            return Err(Malformed::Field);
        }
        let mut bytes = None;
        match kind {
            0 => _ = varint(&mut rest)?,
            1 => _ = take(&mut rest, 8)?,
            2 => {
                let length = varint(&mut rest)?;
                bytes = Some(take(&mut rest, length)?);
            }
            3 => groups.push(number),
            4 if groups.pop() == Some(number) => {}
            5 => _ = take(&mut rest, 4)?,
            _ => return Err(Malformed::Field),
        }
        if groups.is_empty() && kind != 4 {
            fields.push(Field { number, bytes });
        }
    }
    groups
        .is_empty()
        .then_some(fields)
        .ok_or(Malformed::BrokenOff)
}

fn varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return Err(Malformed::TooLong);
        }
        value |= part << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Malformed::TooLong)
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], Malformed> {
    let length = usize::try_from(length).map_err(|_| Malformed::BrokenOff)?;
    let (taken, left) = rest.split_at_checked(length).ok_or(Malformed::BrokenOff)?;
    *rest = left;
    Ok(taken)
}

/// Writes a number into a field; zero is what is not written.
pub(crate) fn write_number(message: &mut Vec<u8>, number: u8, value: u64) {
    if value != 0 {
        message.push(number << 3);
        write_varint(message, value);
    }
}

/// Writes a text or a message into a field.
pub(crate) fn write_bytes(message: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    message.push(number << 3 | 2);
    write_varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn lowest_byte(value: u64) -> u8 {
    value.to_le_bytes()[0]
}

fn write_varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        // The lowest seven bits, and that more follow.
        message.push(lowest_byte(value) | 0x80);
        value >>= 7;
    }
    message.push(lowest_byte(value));
}
