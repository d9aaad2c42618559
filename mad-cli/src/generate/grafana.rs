//! A dashboard for Grafana, in the classic schema that every version imports.

mod of_checks;
mod of_functions;
mod of_instances;
mod of_self_tests;
mod panel;
mod query;

use clap::Args;
use serde_json::{Value, json};

use super::common::{Made, Service};
use panel::Panel;
use query::Query;

/// The longest identity of a dashboard that Grafana takes.
const MAX_UID: usize = 40;

/// How the dashboard is written: there is nothing to choose.
#[derive(Args, Debug)]
pub(super) struct Options {}

pub(super) fn make(service: &Service<'_>, _: &Options) -> Vec<Made> {
    let text = format!("{:#}\n", dashboard(service));
    vec![Made {
        file: format!("{}.dashboard.json", service.name),
        text,
    }]
}

fn dashboard(service: &Service<'_>) -> Value {
    let query = Query::new(service.name);
    let rows = [
        of_instances::row(&query),
        of_checks::by_tag(&query, &service.checks.health_checks),
        of_checks::runs(&query),
        of_self_tests::row(&query, &service.checks.self_tests),
        of_functions::row(&query),
    ];
    let panels: Vec<_> = rows.into_iter().flatten().collect();
    json!({
        "uid": uid(service.name),
        "title": service.name,
        "tags": ["mad"],
        "schemaVersion": 39,
        "editable": true,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": [
            {
                "name": "datasource",
                "label": "Data source",
                "type": "datasource",
                "query": "prometheus",
            },
            {
                "name": "instance",
                "label": "Instance",
                "type": "query",
                "datasource": panel::data_source(),
                "query": format!("label_values(mad_lifecycle{{job={:?}}}, instance)", service.name),
                "refresh": 2,
                "sort": 1,
                "multi": true,
                "includeAll": true,
                "allValue": ".*",
            },
        ]},
        "panels": Panel::laid_out(panels),
    })
}

/// The identity by which a later import replaces this one. Services whose names begin with the same 36 letters
/// would share it.
fn uid(name: &str) -> String {
    format!("mad-{name}").chars().take(MAX_UID).collect()
}
