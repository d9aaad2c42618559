//! One snapshot as text for people.

use std::fmt::Write as _;

use super::line::line;
use super::reason::reason;
use super::since::Since;
use super::timestamp::rfc3339;
use super::view::{Row, View};

/// Writes how the whole is and where it stands, then a line for each check.
pub(crate) fn text(view: &View<'_>) -> String {
    let mut text = format!(
        "{}, {}\n",
        view.state().words().plain,
        view.snapshot.lifecycle
    );
    let checks = || view.rows.iter().filter(|row| row.check.is_some());
    let names = checks().filter_map(Row::name);
    let width = names.map(str::len).max().unwrap_or_default();
    for row in checks() {
        let state = row.true_state().words().plain;
        let name = row.name().unwrap_or_default();
        let shown = format!("{state:<8}  {name:<width$}  {}", remarks(row));
        _ = writeln!(text, "{}", shown.trim_end());
    }
    if view.is_truncated {
        text.push_str("...\n");
    }
    text
}

fn remarks(row: &Row<'_>) -> String {
    let mut remarks = Vec::new();
    let Some(check) = row.check else {
        return String::new();
    };
    if !row.counts {
        remarks.push("gates nothing".to_owned());
    }
    match &check.maintenance {
        Some(maintenance) if row.has_details => {
            let until = rfc3339(maintenance.until);
            let reason = line(&maintenance.reason);
            remarks.push(format!("in maintenance until {until}: {reason}"));
        }
        Some(_) => remarks.push("in maintenance".to_owned()),
        None => {}
    }
    if row.has_details {
        let last = check.record.last.as_deref();
        remarks.extend(last.map(|report| format!("{:.1?}", report.duration)));
        remarks.extend(Since::of(check.health, &check.record).map(|since| since.to_string()));
        remarks.extend(reason(check).as_deref().map(line));
    }
    remarks.join("; ")
}
