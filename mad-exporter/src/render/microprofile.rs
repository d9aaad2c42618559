//! One snapshot as MicroProfile Health 4 has it.

use serde::Serialize;

use super::facts::{Facts, facts};
use super::view::{Row, View};

/// The whole document. Its schema allows nothing else.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    status: &'static str,
    checks: Vec<Check<'a>>,
}

#[derive(Debug, Serialize)]
struct Check<'a> {
    name: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Facts::is_empty")]
    data: Facts,
}

/// Makes the document. The whole is up if all checks are, as the specification has it: what gates nothing is
/// not among them.
pub(crate) fn document<'a>(view: &View<'a>) -> Document<'a> {
    let counting = view.rows.iter().filter(|row| row.counts);
    let check = |row: &Row<'a>| Check {
        name: row.name().unwrap_or("lifecycle"),
        status: row.state.words().microprofile,
        data: facts(view, row),
    };
    Document {
        status: view.state().words().microprofile,
        checks: counting.map(check).collect(),
    }
}
