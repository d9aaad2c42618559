//! Whether short texts are the same.

/// Says whether two texts of the same length are the same. Most are short: then two looks, which may overlap, are
/// quicker than a call.
#[inline]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let len = one.len();
    if len > 32 {
        one == other
    } else if len > 16 {
        one.first_chunk::<16>() == other.first_chunk()
            && one.last_chunk::<16>() == other.last_chunk()
    } else if len >= 8 {
        one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk()
    } else if len >= 4 {
        one.first_chunk::<4>() == other.first_chunk() && one.last_chunk::<4>() == other.last_chunk()
    } else {
        // The first, the last, and the one in the middle if there is one.
        let middle = len / 2;
        one.first() == other.first()
            && one.get(middle) == other.get(middle)
            && one.last() == other.last()
    }
}

/// Returns what comes after a start, if that is how a text starts.
#[inline]
pub(crate) fn after<'t>(text: &'t [u8], start: &[u8]) -> Option<&'t [u8]> {
    let (this, rest) = text.split_at_checked(start.len())?;
    is_same(this, start).then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{after, is_same};

    proptest! {
        #[test]
        fn texts_are_the_same_if_no_byte_differs(text in prop::collection::vec(any::<u8>(), 0..40), at in 0..40_usize) {
            prop_assert!(is_same(&text, &text.clone()));
            let mut other = text.clone();
            if let Some(byte) = other.get_mut(at) {
                *byte ^= 1;
                prop_assert!(!is_same(&text, &other));
            }
        }

        #[test]
        fn what_comes_after_a_start_is_the_rest(text in prop::collection::vec(any::<u8>(), 0..40), at in 0..50_usize) {
            let start: Vec<u8> = text.iter().copied().chain([0; 50]).take(at).collect();
            prop_assert_eq!(after(&text, &start), text.strip_prefix(&*start));
        }
    }
}
