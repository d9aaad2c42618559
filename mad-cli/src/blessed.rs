//! Changes that somebody has looked at and accepted: a file of the repository, `mad-blessed.toml`, that is reviewed as any other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mad_analysis::Shape;
use mad_store::Commit;
use serde::{Deserialize, Serialize};

/// What the file is called, at the root of a repository.
const FILE: &str = "mad-blessed.toml";

const HEADER: &str = "# Changes that were looked at and accepted. `mad bless` adds to it.\n";

/// All that was accepted.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blessed {
    #[serde(default)]
    blessed: Vec<Blessing>,
}

/// A change that was accepted.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blessing {
    /// The full hash of the commit that made the change.
    pub(crate) commit: String,
    /// The series: `test shop orders::are_placed test_duration_seconds`.
    pub(crate) series: String,
    /// Why it is all right.
    pub(crate) why: String,
    /// Whether it is the spread of the series that changed, and not its level.
    #[serde(default, skip_serializing_if = "is_of_level")]
    pub(crate) spread: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_of_level(spread: &bool) -> bool {
    !spread
}

impl Blessed {
    /// Reads the file of a repository, if there is one.
    pub(crate) fn read(root: &Path) -> Result<Self, BlessedError> {
        let path = root.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(BlessedError::File(path, error)),
        };
        toml::from_str(&text).map_err(|error| BlessedError::Text(path, Box::new(error)))
    }

    /// Adds a change to the file of a repository, and leaves what is in it as it is.
    pub(crate) fn add(root: &Path, blessing: Blessing) -> Result<PathBuf, BlessedError> {
        Self::read(root)?;
        let path = root.join(FILE);
        let known = match fs::read_to_string(&path) {
            Ok(known) => known,
            Err(error) if error.kind() == io::ErrorKind::NotFound => HEADER.to_owned(),
            Err(error) => return Err(BlessedError::File(path, error)),
        };
        let new = Self {
            blessed: vec![blessing],
        };
        let new = toml::to_string(&new).expect("texts can be written as TOML");
        let text = format!("{}\n\n{new}", known.trim_end());
        let refused = |error| BlessedError::File(path.clone(), error);
        // Whole or not at all: whoever is interrupted leaves no half of a file that is checked in.
        let beside = path.with_extension("toml.new");
        fs::write(&beside, text).map_err(refused)?;
        fs::rename(&beside, &path).map_err(refused)?;
        Ok(path)
    }

    /// Returns what was said when a change of this shape was accepted, if one of these commits made it.
    pub(crate) fn why(&self, series: &str, shape: Shape, suspects: &[Commit]) -> Option<&str> {
        let is_spread = shape == Shape::Spread;
        let is_meant = |one: &&Blessing| one.series == series && one.spread == is_spread;
        let mut of_series = self.blessed.iter().filter(is_meant);
        let accepts = |one: &&Blessing| suspects.iter().any(|commit| commit.id == one.commit);
        of_series.find(accepts).map(|one| one.why.as_str())
    }
}

/// Why it is not known what was accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlessedError {
    #[error("{} cannot be used", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("{} is not as `mad bless` writes it", .0.display())]
    Text(PathBuf, #[source] Box<toml::de::Error>),
}
