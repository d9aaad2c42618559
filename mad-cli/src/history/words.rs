//! Which words are in a file.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// The words of a text, of which only numbers are kept: two words may have the same, so that one may seem to be there which
/// is not, and none the other way round.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(HashSet<u64>);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let is_between = |letter: char| !letter.is_alphanumeric() && letter != '_';
        Self(text.split(is_between).map(number).collect())
    }

    pub(super) fn may_have(&self, word: &str) -> bool {
        self.0.contains(&number(word))
    }
}

fn number(word: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(word)
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn a_word_is_found_whole_and_wherever_it_stands() {
        let words = Words::of("use proptest::prelude::*;\n/// See r#rand, or half_float.\n");
        for there in ["proptest", "prelude", "rand", "half_float"] {
            assert!(words.may_have(there), "{there}");
        }
        for gone in ["prop", "half", "test"] {
            assert!(!words.may_have(gone), "{gone}");
        }
    }
}
