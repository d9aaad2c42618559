//! With which settings old commits are built.

use std::ffi::OsString;

use super::machine::variable;
use super::plan::Plan;

/// What is the same for whatever is built: an old commit is not refused for what its authors would have mended, and
/// nothing is kept for a next build that will not come.
const VARIABLES: [(&str, &str); 4] = [
    ("CARGO_INCREMENTAL", "0"),
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
    ("CARGO_PROFILE_TEST_DEBUG", "0"),
    ("CARGO_TERM_COLOR", "never"),
];

/// Who has one processor gains nothing by cutting a crate into pieces, and pays for each.
const PIECES: [&str; 2] = [
    "CARGO_PROFILE_DEV_CODEGEN_UNITS",
    "CARGO_PROFILE_TEST_CODEGEN_UNITS",
];

/// What the standard library has of it is not put into each documentation test: that is a tenth of what one takes.
const NO_DEBUG_INFORMATION: &str = " -C strip=debuginfo";

/// Nor is the standard library itself, which is found where the compiler has it: a quarter of what one takes.
const NOTHING_OF_STD: &str = " -C prefer-dynamic -C rpath";

/// Warnings stay warnings: a command may count them.
const CAP_LINTS: &str = " --cap-lints=warn";

/// Nobody reads what a build for tests warns of.
const NO_LINTS: &str = " --cap-lints=allow";

/// The variables that say so, of a plan whose crates are cut into so many pieces, and whose documentation tests may have to be
/// whole programs.
pub(super) fn of_builds(
    plan: &Plan,
    pieces: usize,
    has_whole_documentation_tests: bool,
) -> Vec<(OsString, OsString)> {
    let fixed = VARIABLES.map(|(name, value)| (name.into(), value.into()));
    let mut variables = Vec::from(fixed);
    let is_of_own_tests = plan.is_of_own_tests();
    let lints = if is_of_own_tests { NO_LINTS } else { CAP_LINTS };
    variables.push(added(["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"], lints));
    if is_of_own_tests {
        // Not where instructions may be counted: how many there are depends on it.
        let pieces = OsString::from(pieces.to_string());
        variables.extend(PIECES.map(|name| (name.into(), pieces.clone())));
        let mut flags = NO_DEBUG_INFORMATION.to_owned();
        if !has_whole_documentation_tests {
            flags.push_str(NOTHING_OF_STD);
        }
        let names = ["RUSTDOCFLAGS", "CARGO_BUILD_RUSTDOCFLAGS"];
        variables.push(added(names, &flags));
    }
    variables
}

/// Flags added to what the environment says. Those of the first variable would replace those of settings, to which those of
/// the second are added.
fn added([replacing, adding]: [&str; 2], more: &str) -> (OsString, OsString) {
    let name = if variable(replacing).is_some() {
        replacing
    } else {
        adding
    };
    let mut flags = variable(name).unwrap_or_default();
    flags.push(more);
    (name.into(), flags)
}
