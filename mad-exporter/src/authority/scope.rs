//! What a caller may do.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

use mad_core::Effects;

/// One thing that a caller may do.
///
/// Each includes [`Read`](Self::Read): who may act may see what came of it. As text it is `read`,
/// `trigger:pure`, `trigger:read`, `trigger:scratch`, `trigger:destructive` or `admin`.
///
/// ```
/// use mad_core::Effects;
/// use mad_exporter::Scope;
///
/// let scope: Scope = "trigger:scratch".parse()?;
/// assert_eq!(scope, Scope::Trigger(Effects::Scratch));
/// assert_eq!(scope.to_string(), "trigger:scratch");
/// # Ok::<(), mad_exporter::InvalidScope>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scope {
    /// Sees error texts, notes, file names, versions, the catalogue and the runs of self-tests.
    Read,
    /// Starts self-tests up to this class, within what the program allows, and cancels runs.
    ///
    /// What is [`Destructive`](Effects::Destructive) takes the exact name and the class in the request
    /// as well.
    Trigger(Effects),
    /// Drains, resumes, and puts checks in maintenance. It starts no self-tests.
    Admin,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Trigger(effects) => write!(f, "trigger:{effects}"),
            Self::Admin => f.write_str("admin"),
        }
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(word: &str) -> Result<Self, InvalidScope> {
        match word.split_once(':') {
            None if word == "read" => Ok(Self::Read),
            None if word == "admin" => Ok(Self::Admin),
            Some(("trigger", class)) => {
                let class = Effects::from_word(class);
                class.map(Self::Trigger).ok_or(InvalidScope(()))
            }
            _ => Err(InvalidScope(())),
        }
    }
}

/// A word that is no [`Scope`]. It is not shown, as it might be a token in the wrong place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidScope(());

impl fmt::Display for InvalidScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "there is no such scope: write `read`, `trigger:pure`, `trigger:read`, `trigger:scratch`, \
             `trigger:destructive` or `admin`",
        )
    }
}

impl Error for InvalidScope {}

/// Everything that a caller may do.
///
/// ```
/// use mad_core::Effects;
/// use mad_exporter::{Scope, Scopes};
///
/// let scopes = Scopes::from([Scope::Trigger(Effects::Scratch)]);
/// assert!(scopes.include(Scope::Trigger(Effects::Read)));
/// assert!(scopes.include(Scope::Read));
/// assert!(!scopes.include(Scope::Admin));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scopes {
    is_any: bool,
    trigger: Option<Effects>,
    is_admin: bool,
}

impl Scopes {
    /// Nothing.
    pub const NONE: Self = Self {
        is_any: false,
        trigger: None,
        is_admin: false,
    };

    /// Everything.
    pub const ALL: Self = Self {
        is_any: true,
        trigger: Some(Effects::Destructive),
        is_admin: true,
    };

    /// Says whether this may be done.
    pub fn include(&self, scope: Scope) -> bool {
        match scope {
            Scope::Read => self.is_any,
            Scope::Trigger(effects) => self.trigger >= Some(effects),
            Scope::Admin => self.is_admin,
        }
    }

    /// Returns the most harmful class of self-tests that may be started, if any may.
    pub fn trigger(&self) -> Option<Effects> {
        self.trigger
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut all = Self::NONE;
        for scope in scopes {
            all.is_any = true;
            match scope {
                Scope::Read => {}
                Scope::Trigger(effects) => all.trigger = all.trigger.max(Some(effects)),
                Scope::Admin => all.is_admin = true,
            }
        }
        all
    }
}

impl<const N: usize> From<[Scope; N]> for Scopes {
    fn from(scopes: [Scope; N]) -> Self {
        scopes.into_iter().collect()
    }
}

/// Who somebody is, and what they may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    name: Cow<'static, str>,
    scopes: Scopes,
}

impl Grant {
    /// Grants these scopes to somebody, whom the audit log calls by this name.
    pub fn new(name: impl Into<String>, scopes: impl Into<Scopes>) -> Self {
        Self {
            name: Cow::Owned(name.into()),
            scopes: scopes.into(),
        }
    }

    /// Grants everything to somebody whom nobody needs to name.
    pub(crate) const fn everything(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            scopes: Scopes::ALL,
        }
    }

    /// Returns whom it is granted to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what they may do.
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written_and_nothing_else_is_one() {
        let triggers = Effects::ALL.map(Scope::Trigger);
        for scope in [Scope::Read, Scope::Admin].into_iter().chain(triggers) {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        for word in [
            "",
            "Read",
            "trigger",
            "trigger:",
            "trigger:all",
            "admin:",
            "read:pure",
            "a:b",
        ] {
            assert_eq!(word.parse::<Scope>(), Err(InvalidScope(())), "{word}");
        }
    }

    #[test]
    fn each_scope_includes_what_it_must_and_no_more() {
        let check = |scopes: &[Scope], included: &[&str]| {
            let scopes: Scopes = scopes.iter().copied().collect();
            for word in [
                "read",
                "trigger:pure",
                "trigger:read",
                "trigger:scratch",
                "trigger:destructive",
                "admin",
            ] {
                let is_included = scopes.include(word.parse().unwrap());
                assert_eq!(
                    is_included,
                    included.contains(&word),
                    "{word} of {scopes:?}"
                );
            }
        };
        check(&[], &[]);
        check(&[Scope::Read], &["read"]);
        check(&[Scope::Admin], &["read", "admin"]);
        check(&[Scope::Trigger(Effects::Pure)], &["read", "trigger:pure"]);
        check(
            &[
                Scope::Trigger(Effects::Scratch),
                Scope::Trigger(Effects::Pure),
            ],
            &["read", "trigger:pure", "trigger:read", "trigger:scratch"],
        );
        assert_eq!(
            Scopes::from([Scope::Trigger(Effects::Destructive), Scope::Admin]),
            Scopes::ALL
        );
    }
}
