//! What messages travel in: a byte that says whether they are compressed, their length, themselves.

use axum::body::Bytes;

use super::call::{Code, Refusal};

/// How long what stands before a message is.
const HEAD: usize = 5;

/// Takes the one message of a request out of its envelope.
pub(crate) fn open(body: &[u8]) -> Result<&[u8], Refusal> {
    let (head, message) = body.split_at_checked(HEAD).ok_or(BROKEN_OFF)?;
    if head[0] != 0 {
        return Err(COMPRESSED);
    }
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    match message.len().cmp(&(length as usize)) {
        std::cmp::Ordering::Less => Err(BROKEN_OFF),
        std::cmp::Ordering::Equal => Ok(message),
        std::cmp::Ordering::Greater => Err(MORE_THAN_ONE),
    }
}

/// Puts a message into its envelope.
pub(crate) fn sealed(message: &[u8]) -> Bytes {
    // The longest is a list of a hundred short names.
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut envelope = vec![0];
    envelope.extend_from_slice(&length.to_be_bytes());
    envelope.extend_from_slice(message);
    envelope.into()
}

const BROKEN_OFF: Refusal = Refusal::new(Code::Internal, "the request has no whole message");

const COMPRESSED: Refusal = Refusal::new(
    Code::Unimplemented,
    "compressed messages are not read: send them as they are",
);

const MORE_THAN_ONE: Refusal =
    Refusal::new(Code::Internal, "the request has more than one message");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_and_nothing_else() {
        let sealed = sealed(b"abc");
        assert_eq!(open(&sealed).unwrap(), b"abc");
        assert_eq!(open(&sealed[..7]), Err(BROKEN_OFF));
        assert_eq!(open(&[0, 0, 0]), Err(BROKEN_OFF));
        assert_eq!(open(&[0, 255, 255, 255, 255]), Err(BROKEN_OFF));
        assert_eq!(open(&[1, 0, 0, 0, 0]), Err(COMPRESSED));
        assert_eq!(open(&[&sealed[..], &[0]].concat()), Err(MORE_THAN_ONE));
    }
}
