//! One snapshot as the health endpoint of Spring Boot's Actuator shows it.

use std::collections::BTreeMap;

use mad_core::{Probe, Snapshot};
use serde::Serialize;

use super::facts::{Facts, facts};
use super::view::{Row, View};
use crate::program::Program;

/// The groups, by what stands in a path.
const GROUPS: [(&str, Probe); 3] = [
    ("liveness", Probe::Liveness),
    ("readiness", Probe::Readiness),
    ("startup", Probe::Startup),
];

/// The second version called `details` what the third calls `components`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Version {
    V2,
    V3,
}

/// A component, or all of them.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Components<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<&'static str>,
}

type Components<'a> = BTreeMap<&'a str, Document<'a>>;

/// What stands below `details`: what is known of one component, or in the second version the components.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Details<'a> {
    Facts(Facts),
    Components(Components<'a>),
}

pub(crate) fn document<'a>(view: &View<'a>, version: Version) -> Document<'a> {
    match view.rows.as_slice() {
        [row] if view.is_component => component(view, row),
        rows => composite(view, rows, version),
    }
}

/// Looks at what a path below the endpoint names: a group, a component of a group, or a component.
///
/// Groups come first, as in Spring, should a check be called like one.
pub(crate) fn view_at<'a>(
    snapshot: &'a Snapshot,
    program: &'a Program,
    path: &str,
    may_see: bool,
) -> Option<View<'a>> {
    let view = |probe| View::new(snapshot, program, probe, may_see);
    let (first, rest) = match path.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let group = GROUPS.iter().find(|(group, _)| *group == first);
    match (group, rest) {
        (Some((_, probe)), None) => Some(view(*probe)),
        (Some((_, probe)), Some(name)) => component_at(view(*probe), name),
        (None, _) => component_at(view(Probe::Any), path),
    }
}

fn component_at<'a>(view: View<'a>, name: &str) -> Option<View<'a>> {
    let probe = view.probe;
    view.component(|row| self::name(row, probe) == name)
}

fn composite<'a>(view: &View<'a>, rows: &[Row<'a>], version: Version) -> Document<'a> {
    let named = rows
        .iter()
        .map(|row| (name(row, view.probe), component(view, row)));
    let components: Components<'_> = named.collect();
    let (components, details) = match version {
        Version::V2 => (None, Some(Details::Components(components))),
        Version::V3 => (Some(components), None),
    };
    let is_root = view.probe == Probe::Any;
    let groups = GROUPS.iter().filter(|_| is_root);
    Document {
        status: view.state().words().spring,
        components,
        details,
        groups: groups.map(|(group, _)| *group).collect(),
    }
}

fn component<'a>(view: &View<'a>, row: &Row<'a>) -> Document<'a> {
    let facts = facts(view, row);
    Document {
        status: row.state.words().spring,
        components: None,
        details: (!facts.is_empty()).then_some(Details::Facts(facts)),
        groups: Vec::new(),
    }
}

/// Spring has a component for the lifecycle, called by what it means to each group; no check of ours can be
/// called so.
fn name<'a>(row: &Row<'a>, probe: Probe) -> &'a str {
    row.name().unwrap_or(match probe {
        Probe::Liveness => "livenessState",
        Probe::Startup => "startupState",
        Probe::Readiness | Probe::Any => "readinessState",
    })
}
