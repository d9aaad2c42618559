//! What everybody asks of a project first, put together by what it is about.

use mad_store::SubjectKind;

use crate::timeline::Timeline;

/// What belongs together, in the order in which it is shown: a name for links, a heading, and metrics of the whole.
const THEMES: [(&str, &str, &[&str]); 3] = [
    (
        "all-tests",
        "Tests and their time",
        &[
            "tests_success_ratio",
            "tests",
            "tests_flaky",
            "run_wall_seconds",
            "build_seconds",
        ],
    ),
    (
        "coverage",
        "Coverage",
        &[
            "coverage_line_ratio",
            "coverage_function_ratio",
            "coverage_region_ratio",
        ],
    ),
    (
        "complexity",
        "Complexity and nesting",
        &[
            "source_nesting",
            "source_cognitive_complexity",
            "source_cyclomatic_complexity",
            "source_longest_function_lines",
            "source_unsafe",
        ],
    ),
];

/// Series of the whole project that are about one thing.
pub(super) struct Theme {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    /// Their places among all that was measured.
    pub(super) series: Vec<usize>,
}

/// Returns the themes about which anything was measured at more than one commit.
pub(super) fn of(timeline: &Timeline) -> Vec<Theme> {
    let of_metric = |metric: &'static str| {
        let measured = timeline.measured.iter().enumerate();
        measured
            .filter(move |(_, one)| {
                one.subject.kind == SubjectKind::Run
                    && one.metric.name == metric
                    && one.series.points().len() > 1
            })
            .map(|(index, _)| index)
    };
    let themes = THEMES.into_iter().map(|(id, heading, metrics)| Theme {
        id,
        heading,
        series: metrics.iter().copied().flat_map(of_metric).collect(),
    });
    themes.filter(|theme| !theme.series.is_empty()).collect()
}
