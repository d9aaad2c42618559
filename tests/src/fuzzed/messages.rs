//! What stands in a page of protobuf, read without the writer: names, and labels.

use std::collections::BTreeMap;

/// A family, and the labels of each of its metrics.
#[derive(Debug, Default)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) labels: Vec<BTreeMap<String, String>>,
}

/// Reads a page to its end.
///
/// # Panics
///
/// If it is not a row of messages, each after its length.
pub(super) fn families(mut page: &[u8]) -> Vec<Family> {
    let mut families = Vec::new();
    while !page.is_empty() {
        families.push(family(delimited(&mut page)));
    }
    families
}

fn family(message: &[u8]) -> Family {
    let mut family = Family::default();
    for (number, value) in fields(message) {
        match (number, value) {
            (1, Field::Bytes(name)) => family.name = text(name),
            (2 | 5, Field::Bytes(help)) => drop(text(help)),
            (4, Field::Bytes(metric)) => family.labels.push(labels(metric)),
            _ => {}
        }
    }
    family
}

fn labels(metric: &[u8]) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for (number, value) in fields(metric) {
        let Field::Bytes(inside) = value else {
            continue;
        };
        let inside = fields(inside);
        if number == 1 {
            let [(1, Field::Bytes(name)), (2, Field::Bytes(value))] = inside[..] else {
                panic!("a label is a name and a value: {inside:?}");
            };
            let earlier = labels.insert(text(name), text(value));
            assert_eq!(earlier, None, "each label once: {labels:?}");
        }
    }
    labels
}

/// The value of a field, as far as it is known without a schema.
#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Bytes(&'a [u8]),
    Number,
}

fn fields(mut message: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let value = match key & 7 {
            0 => {
                varint(&mut message);
                Field::Number
            }
            1 => {
                message = message.get(8..).expect("eight bytes");
                Field::Number
            }
            2 => Field::Bytes(delimited(&mut message)),
            other => panic!("no kind of value: {other}"),
        };
        fields.push((key >> 3, value));
    }
    fields
}

fn delimited<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let length = usize::try_from(varint(bytes)).expect("it fits");
    let (inside, rest) = bytes.split_at_checked(length).expect("it is all there");
    *bytes = rest;
    inside
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("a number has an end");
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return number;
        }
    }
    panic!("a number has ten bytes at most");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_owned()).expect("names and values are UTF-8")
}
