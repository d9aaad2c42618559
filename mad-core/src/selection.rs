//! Which self-tests to run, in words.

use std::fmt;
use std::str::FromStr;

use crate::check::Check;
use crate::name::is_name;

/// Which self-tests to run: names, patterns and tags; nothing given selects all.
///
/// A word is an exact name (`place_order`), a pattern in which `*` stands for anything
/// (`orders/*`), or a tag (`tag:smoke`). A self-test is selected if any of the words fits it.
///
/// ```
/// use mad_core::Selection;
///
/// let selection = Selection::parse(["orders/*", "tag:smoke"])?;
/// assert!(!selection.is_all());
/// assert!(Selection::parse(["what?"]).is_err());
/// # Ok::<(), mad_core::InvalidSelector>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    selectors: Vec<Selector>,
}

impl Selection {
    /// Selects every self-test.
    pub fn all() -> Self {
        Self::default()
    }

    /// Selects the one with this exact name.
    pub(crate) fn name(name: &str) -> Self {
        Self {
            selectors: vec![Selector::Name(name.to_owned())],
        }
    }

    /// Reads words.
    ///
    /// # Errors
    ///
    /// If one of them can be neither a name, a pattern nor a tag.
    pub fn parse<W: AsRef<str>>(
        words: impl IntoIterator<Item = W>,
    ) -> Result<Self, InvalidSelector> {
        let selectors = words.into_iter().map(|word| word.as_ref().parse());
        Ok(Self {
            selectors: selectors.collect::<Result<_, _>>()?,
        })
    }

    /// Says whether nothing was given.
    pub fn is_all(&self) -> bool {
        self.selectors.is_empty()
    }

    /// Says whether this check is selected.
    pub fn selects(&self, check: &Check) -> bool {
        self.is_all() || self.selectors.iter().any(|selector| selector.fits(check))
    }

    /// Says whether this check is selected by its exact name.
    pub fn names(&self, check: &Check) -> bool {
        let is_name =
            |selector: &Selector| matches!(selector, Selector::Name(name) if name == check.name());
        self.selectors.iter().any(is_name)
    }

    /// Returns the words that fit none of these checks.
    pub(crate) fn fitting_none(&self, checks: &[&Check]) -> Vec<&Selector> {
        let fits_none = |selector: &&Selector| !checks.iter().any(|check| selector.fits(check));
        self.selectors.iter().filter(fits_none).collect()
    }
}

/// One word of a selection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Selector {
    Name(String),
    Pattern(String),
    Tag(String),
}

impl Selector {
    fn fits(&self, check: &Check) -> bool {
        match self {
            Self::Name(name) => name == check.name(),
            Self::Pattern(pattern) => matches_pattern(pattern, check.name()),
            Self::Tag(tag) => check.tags().any(|word| word == tag),
        }
    }
}

impl FromStr for Selector {
    type Err = InvalidSelector;

    fn from_str(word: &str) -> Result<Self, InvalidSelector> {
        let refuse = || InvalidSelector {
            word: word.chars().take(100).collect(),
        };
        if let Some(tag) = word.strip_prefix("tag:") {
            return is_name(tag)
                .then(|| Self::Tag(tag.to_owned()))
                .ok_or_else(refuse);
        }
        // A pattern is a legal name where each `*` stands for one legal character or more.
        let letters = word.replace('*', "x");
        match (is_name(&letters), word.contains('*')) {
            (true, true) => Ok(Self::Pattern(word.to_owned())),
            (true, false) => Ok(Self::Name(word.to_owned())),
            (false, _) => Err(refuse()),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(word) | Self::Pattern(word) => f.write_str(word),
            Self::Tag(tag) => write!(f, "tag:{tag}"),
        }
    }
}

/// Says whether `name` fits `pattern`, in which `*` stands for any characters, also none.
///
/// The parts between the stars are looked for from left to right, each as early as possible, which
/// finds a fit if there is one and never goes back: linear in the name for each part.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(prefix) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let suffix = parts.pop().unwrap_or_default();
    for part in parts {
        match name.find(part) {
            Some(at) => name = &name[at + part.len()..],
            None => return false,
        }
    }
    name.ends_with(suffix)
}

/// A word that can be neither a name, a pattern nor a tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidSelector {
    word: String,
}

impl fmt::Display for InvalidSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} selects nothing: write a name (`place_order`), a pattern (`orders/*`) or a tag (`tag:smoke`)",
            self.word
        )
    }
}

impl std::error::Error for InvalidSelector {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::matches_pattern;

    /// The definition: a star is nothing, or one character and a star.
    fn matches_slowly(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), None) => matches_slowly(rest, name),
            (Some((b'*', rest)), Some((_, tail))) => {
                matches_slowly(rest, name) || matches_slowly(pattern, tail)
            }
            (Some((letter, rest)), Some((head, tail))) if letter == head => {
                matches_slowly(rest, tail)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_fits_what_its_definition_fits(pattern in "[ab*]{0,8}", name in "[ab]{0,10}") {
            prop_assert_eq!(
                matches_pattern(&pattern, &name),
                matches_slowly(pattern.as_bytes(), name.as_bytes()),
            );
        }
    }
}
