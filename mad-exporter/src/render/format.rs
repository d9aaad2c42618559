//! The formats that one snapshot is shown in: what they are called, their media types, their documents.

use serde::Serialize;

use super::view::View;
use super::{aspnet, health_json, microprofile, nagios, spring, text};

const JSON: &str = "application/json";
const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// A dialect, by the word for it in `?format=`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    HealthJson,
    Spring,
    MicroProfile,
    AspNet,
    Nagios,
    Text,
}

/// What a document looks like.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Shape {
    HealthJson,
    Spring(spring::Version),
    MicroProfile,
    AspNet,
    AspNetWord,
    Nagios,
    Text,
}

/// A shape under one of its media types.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Representation {
    pub(crate) media_type: &'static str,
    pub(crate) shape: Shape,
}

const fn of(media_type: &'static str, shape: Shape) -> Representation {
    Representation { media_type, shape }
}

const HEALTH_JSON: [Representation; 2] = [
    of("application/health+json", Shape::HealthJson),
    of(JSON, Shape::HealthJson),
];

const SPRING: [Representation; 3] = [
    of("application/vnd.spring-boot.actuator.v3+json", SPRING_V3),
    of("application/vnd.spring-boot.actuator.v2+json", SPRING_V2),
    of(JSON, SPRING_V3),
];
const SPRING_V3: Shape = Shape::Spring(spring::Version::V3);
const SPRING_V2: Shape = Shape::Spring(spring::Version::V2);

const MICROPROFILE: [Representation; 1] = [of(JSON, Shape::MicroProfile)];

const ASPNET: [Representation; 2] = [of(JSON, Shape::AspNet), of(PLAIN_TEXT, Shape::AspNetWord)];

const NAGIOS: [Representation; 1] = [of(PLAIN_TEXT, Shape::Nagios)];

const TEXT: [Representation; 1] = [of(PLAIN_TEXT, Shape::Text)];

impl Format {
    pub(crate) const ALL: [Self; 6] = [
        Self::HealthJson,
        Self::Spring,
        Self::MicroProfile,
        Self::AspNet,
        Self::Nagios,
        Self::Text,
    ];

    /// Those that a media type alone can mean. `application/json` means what is usual at an address.
    const KNOWN_BY_MEDIA_TYPE: [Self; 3] = [Self::HealthJson, Self::Spring, Self::Text];

    /// Returns the word for it in `?format=`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::HealthJson => "health+json",
            Self::Spring => "spring",
            Self::MicroProfile => "microprofile",
            Self::AspNet => "aspnet",
            Self::Nagios => "nagios",
            Self::Text => "text",
        }
    }

    /// Returns the format that this is the word for.
    ///
    /// Whoever types it into an address writes `+`, which means a blank there.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let word = word.replace(' ', "+");
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// Returns its representations, the usual one first.
    pub(crate) fn representations(self) -> &'static [Representation] {
        match self {
            Self::HealthJson => &HEALTH_JSON,
            Self::Spring => &SPRING,
            Self::MicroProfile => &MICROPROFILE,
            Self::AspNet => &ASPNET,
            Self::Nagios => &NAGIOS,
            Self::Text => &TEXT,
        }
    }

    /// Returns what there is where this format is the usual one: it first, then what else a media type can
    /// ask for.
    pub(crate) fn and_others(self) -> impl Iterator<Item = Representation> {
        let others = Self::KNOWN_BY_MEDIA_TYPE.into_iter();
        let formats = std::iter::once(self).chain(others);
        formats.flat_map(Self::representations).copied()
    }
}

/// Makes the document.
///
/// # Errors
///
/// If something in it cannot be written as JSON.
pub(crate) fn document(view: &View<'_>, shape: Shape) -> serde_json::Result<String> {
    match shape {
        Shape::HealthJson => json(&health_json::document(view)),
        Shape::Spring(version) => json(&spring::document(view, version)),
        Shape::MicroProfile => json(&microprofile::document(view)),
        Shape::AspNet => json(&aspnet::document(view)),
        Shape::AspNetWord => Ok(aspnet::word(view).to_owned()),
        Shape::Nagios => Ok(nagios::text(view)),
        Shape::Text => Ok(text::text(view)),
    }
}

/// In lines, as it is read in terminals as often as by programs.
fn json(document: &impl Serialize) -> serde_json::Result<String> {
    let mut json = serde_json::to_string_pretty(document)?;
    json.push('\n');
    Ok(json)
}
