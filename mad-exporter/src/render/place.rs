//! Where the function of a check is.

use mad_core::Location;
use serde::Serialize;

/// Where the function of a check is.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    file: &'static str,
    line: u32,
    module: &'static str,
    package: &'static str,
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self {
            file: location.file,
            line: location.line,
            module: location.module,
            package: location.package,
        }
    }
}
