//! Functions that are annotated with `#[measured]`. Which there are is in their series alone.

use super::panel::Panel;
use super::query::Query;

/// What tells functions apart.
const BY: &str = "module, function";

/// How a series is called.
const CALLED: &str = "{{module}}::{{function}}";

pub(super) fn row(query: &Query) -> Vec<Panel> {
    let calls = query.rate("function_calls_total", "");
    let errors = query.rate("function_calls_total", "result=\"error\"");
    let concurrent = query.all("function_calls_concurrent");
    let sum = |of: &str| format!("sum by ({BY}) ({of})");
    vec![
        Panel::row("Measured functions"),
        Panel::curves("Calls a second", "ops").asking(sum(&calls), CALLED),
        Panel::curves("Share of calls that fail", "percentunit")
            .asking(format!("{} / {}", sum(&errors), sum(&calls)), CALLED),
        Panel::curves("99 of 100 calls take less than", "s")
            .asking(query.slowest("function_calls_duration_seconds", BY), CALLED),
        Panel::curves("Calls at once", "short").asking(sum(&concurrent), CALLED),
    ]
}
