//! How protobuf puts values into bytes. Fields that have their default are left out by whoever writes.

/// What the low bits of a key say of the value that follows.
const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH_DELIMITED: u32 = 2;

/// How many bytes a number takes at most.
const LONGEST: usize = 10;

/// How many bytes a [`padded_length`] has.
pub(super) const PADDED: usize = 5;

/// Appends a number, seven bits a byte.
#[inline]
pub(super) fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    bytes.push(low_bits(number));
}

/// Appends a number that may be below zero, small ones short.
pub(super) fn zigzag(bytes: &mut Vec<u8>, number: i64) {
    varint(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// Returns a length with room to spare, to be filled in when it is known; readers know no difference.
pub(super) fn padded_length(length: usize) -> [u8; PADDED] {
    let mut rest = length as u64;
    let mut bytes = [0; PADDED];
    for byte in &mut bytes {
        *byte = low_bits(rest) | 0x80;
        rest >>= 7;
    }
    bytes[PADDED - 1] &= 0x7f;
    bytes
}

fn low_bits(number: u64) -> u8 {
    (number & 0x7f) as u8
}

#[inline]
fn key(bytes: &mut Vec<u8>, field: u32, wire_type: u32) {
    varint(bytes, u64::from(field << 3 | wire_type));
}

/// Appends what stands before something of this length.
#[inline]
fn header(bytes: &mut Vec<u8>, field: u32, length: u64) {
    let key = u64::from(field << 3 | LENGTH_DELIMITED);
    if key < 0x80 && length < 0x80 {
        bytes.extend_from_slice(&[low_bits(key), low_bits(length)]);
    } else {
        varint(bytes, key);
        varint(bytes, length);
    }
}

/// Appends a field with a whole number.
pub(super) fn integer(bytes: &mut Vec<u8>, field: u32, number: u64) {
    key(bytes, field, VARINT);
    varint(bytes, number);
}

/// Appends a field with a whole number that may be below zero.
pub(super) fn signed(bytes: &mut Vec<u8>, field: u32, number: i64) {
    key(bytes, field, VARINT);
    zigzag(bytes, number);
}

/// Appends a field with a float.
#[inline]
pub(super) fn double(bytes: &mut Vec<u8>, field: u32, number: f64) {
    key(bytes, field, FIXED64);
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// Appends a field with a text.
#[inline]
pub(super) fn text(bytes: &mut Vec<u8>, field: u32, text: &str) {
    header(bytes, field, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Appends a field with what `write` appends: a message, or numbers packed.
#[inline]
pub(super) fn message(bytes: &mut Vec<u8>, field: u32, write: impl FnOnce(&mut Vec<u8>)) {
    // Most messages are short: then their length is one byte, for which there is room.
    header(bytes, field, 0);
    let start = bytes.len();
    write(bytes);
    let length = bytes.len() - start;
    if length < 0x80 {
        bytes[start - 1] = low_bits(length as u64);
    } else {
        make_room_for_length(bytes, start);
    }
}

/// Writes the length of what goes from here to the end, which takes more than the one byte before it.
fn make_room_for_length(bytes: &mut Vec<u8>, start: usize) {
    let end = bytes.len();
    varint(bytes, (end - start) as u64);
    // It stands behind the message, and has to stand before it, where a byte is free.
    let length = bytes.len() - end;
    let mut prefix = [0; LONGEST];
    prefix[..length].copy_from_slice(&bytes[end..]);
    bytes.truncate(end + length - 1);
    bytes.copy_within(start..end, start + length - 1);
    bytes[start - 1..][..length].copy_from_slice(&prefix[..length]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_the_definition_has_them() {
        let check = |number, expected: &[u8]| {
            let mut bytes = Vec::new();
            varint(&mut bytes, number);
            assert_eq!(bytes, expected);
        };
        check(0, &[0]);
        check(127, &[0x7f]);
        check(150, &[0x96, 0x01]);
        check(u64::MAX, &[255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
        let mut bytes = Vec::new();
        for number in [0, -1, 1, i64::MIN] {
            zigzag(&mut bytes, number);
        }
        assert_eq!(bytes[..3], [0, 1, 2]);
        assert_eq!(bytes[3..], [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
    }

    #[test]
    fn a_padded_length_is_the_same_number() {
        assert_eq!(padded_length(0), [0x80, 0x80, 0x80, 0x80, 0]);
        assert_eq!(padded_length(150), [0x96, 0x81, 0x80, 0x80, 0]);
    }

    #[test]
    fn a_message_stands_after_its_length_also_when_that_is_long() {
        for length in [0, 1, 127, 128, 20_000] {
            let mut bytes = Vec::new();
            message(&mut bytes, 2, |bytes| bytes.resize(bytes.len() + length, 7));
            let mut expected = vec![0x12];
            varint(&mut expected, length as u64);
            expected.resize(expected.len() + length, 7);
            assert_eq!(bytes, expected);
        }
    }
}
