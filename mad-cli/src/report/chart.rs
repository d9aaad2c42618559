//! The picture of a series: an SVG of our own.

use std::fmt::Write as _;

use mad_analysis::{Finding, News, Point, Shape};

use crate::moment::Moment;
use crate::timeline::Measured;

use super::Report;
use super::escape::{Escaped, Short};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 120.0;
/// Room for labels.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 20.0;

/// Above so many points, those that fall into one column are one stroke.
const COLUMNS: usize = 280;

/// How pictures look; the page has it once, a picture that stands alone has its own.
pub(super) const STYLE: &str = "svg{font:10px system-ui,sans-serif;fill:currentColor}\
.d{stroke:#2a78c8;stroke-width:2.5;stroke-linecap:round;fill:none}\
.l{stroke:currentColor;stroke-width:1;fill:none;opacity:.75}\
.w{stroke:currentColor;stroke-width:1.5;fill:none}\
.b{fill:#d43;opacity:.25}.g{fill:#292;opacity:.25}.n{fill:#888;opacity:.25}\
.i{stroke:#d43;stroke-width:1.5;stroke-dasharray:4 2}.r{stroke:currentColor;opacity:.35}\
.x{stroke:currentColor;opacity:.3;fill:none}";

/// Something at a commit that is no measurement.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) position: usize,
    pub(crate) name: String,
    pub(crate) is_incident: bool,
}

/// A picture, ready to be written.
pub(super) struct Chart {
    title: String,
    body: String,
}

impl Chart {
    pub(super) fn of(measured: &Measured, report: &Report<'_>) -> Self {
        let points = measured.series.points();
        let scale = Scale::of(points, report.timeline.commits.len());
        let mut body = String::new();
        frame(&mut body, &scale, report);
        marks(&mut body, &scale, &report.marks);
        let findings = measured.judgement.findings();
        for finding in findings {
            suspects(&mut body, &scale, finding);
        }
        dots(&mut body, &scale, points);
        let (spreads, of_levels): (Vec<_>, Vec<_>) = findings
            .iter()
            .partition(|finding| finding.shape == Shape::Spread);
        levels(&mut body, &scale, &of_levels, points);
        widths(&mut body, &scale, &spreads, points);
        Self {
            title: format!(
                "{}, {} points, {} changes",
                measured.name(),
                points.len(),
                findings.len()
            ),
            body,
        }
    }

    /// Returns it for a page that has the style.
    pub(super) fn inline(&self) -> String {
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{}</title>{}</svg>",
            Escaped(&self.title),
            self.body
        )
    }

    /// Returns it as a file of its own.
    pub(super) fn alone(&self) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" role=\"img\" color=\"#444\">\
             <title>{}</title><style>{STYLE}@media(prefers-color-scheme:dark){{svg{{color:#ccc}}}}</style>{}</svg>\n",
            Escaped(&self.title),
            self.body
        )
    }
}

struct Scale {
    commits: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(points: &[Point], commits: usize) -> Self {
        let values = points.iter().map(|point| point.value);
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        // What never changes is drawn in the middle.
        let room = if high > low {
            (high - low) * 0.08
        } else {
            low.abs().max(1.0) * 0.1
        };
        Self {
            commits: float(commits.saturating_sub(1).max(1) as u64),
            low: low - room,
            high: high + room,
        }
    }

    fn x(&self, position: u64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * float(position) / self.commits
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share.clamp(0.0, 1.0))
    }
}

fn frame(body: &mut String, scale: &Scale, report: &Report<'_>) {
    let floor = HEIGHT - BOTTOM;
    let right = WIDTH - RIGHT;
    _ = write!(
        body,
        "<path class=\"x\" d=\"M{LEFT} {TOP}V{floor}H{right}\"/>"
    );
    for (value, y) in [(scale.high, TOP + 8.0), (scale.low, floor)] {
        _ = write!(
            body,
            "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
            LEFT - 4.0,
            Short(value)
        );
    }
    let commits = &report.timeline.commits;
    let ends = [
        (commits.first(), LEFT, "start"),
        (commits.last(), right, "end"),
    ];
    for (commit, x, anchor) in ends {
        let Some(commit) = commit else { continue };
        let date = Moment::of_seconds(commit.committed_at).to_string();
        let day = date.get(..10).unwrap_or_default();
        _ = write!(
            body,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{day}</text>",
            HEIGHT - 6.0
        );
    }
}

fn marks(body: &mut String, scale: &Scale, marks: &[Mark]) {
    let floor = HEIGHT - BOTTOM;
    for mark in marks {
        let x = scale.x(mark.position as u64);
        let (class, top) = if mark.is_incident {
            ("i", TOP)
        } else {
            ("r", floor)
        };
        let bottom = if mark.is_incident { floor } else { floor + 4.0 };
        let name = if mark.is_incident {
            format!("<title>{}</title>", Escaped(&mark.name))
        } else {
            String::new()
        };
        _ = write!(
            body,
            "<path class=\"{class}\" d=\"M{x:.1} {top}V{bottom}\">{name}</path>"
        );
    }
}

fn suspects(body: &mut String, scale: &Scale, finding: &Finding) {
    if finding.shape == Shape::Drift {
        return;
    }
    let class = match finding.news {
        News::Worse => "b",
        News::Better => "g",
        News::Neither => "n",
    };
    let (from, to) = (
        scale.x(finding.suspects.after),
        scale.x(finding.suspects.through),
    );
    _ = write!(
        body,
        "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{}\"/>",
        (to - from).max(2.0),
        HEIGHT - TOP - BOTTOM
    );
}

/// Draws the points; where many fall into one column, all from the least to the greatest of them.
#[expect(clippy::float_cmp, reason = "columns are whole numbers")]
fn dots(body: &mut String, scale: &Scale, points: &[Point]) {
    body.push_str("<path class=\"d\" d=\"");
    if points.len() <= COLUMNS {
        for point in points {
            _ = write!(
                body,
                "M{:.1} {:.1}h0",
                scale.x(point.position),
                scale.y(point.value)
            );
        }
    } else {
        let column = |point: &Point| scale.x(point.position) * float(COLUMNS as u64) / WIDTH;
        for near in points.chunk_by(|a, b| column(a).floor() == column(b).floor()) {
            let values = near.iter().map(|point| point.value);
            let low = values.clone().fold(f64::INFINITY, f64::min);
            let high = values.fold(f64::NEG_INFINITY, f64::max);
            let x = scale.x(near[0].position);
            _ = write!(body, "M{x:.0} {:.0}V{:.0}", scale.y(low), scale.y(high));
        }
    }
    body.push_str("\"/>");
}

/// Draws what the findings say the levels are.
fn levels(body: &mut String, scale: &Scale, findings: &[&Finding], points: &[Point]) {
    let (Some(first), Some(last), false) = (points.first(), points.last(), findings.is_empty())
    else {
        return;
    };
    body.push_str("<path class=\"l\" d=\"");
    let mut from = first.position;
    for (index, finding) in findings.iter().enumerate() {
        let suspects = finding.suspects;
        let (after, through) = (scale.x(suspects.after), scale.x(suspects.through));
        let (before, then) = (scale.y(finding.before), scale.y(finding.after));
        match finding.shape {
            Shape::Drift => _ = write!(body, "M{after:.1} {before:.1}L{through:.1} {then:.1}"),
            Shape::Step | Shape::Spread => {
                _ = write!(body, "M{:.1} {before:.1}H{after:.1}", scale.x(from));
                if index + 1 == findings.len() {
                    _ = write!(
                        body,
                        "M{through:.1} {then:.1}H{:.1}",
                        scale.x(last.position)
                    );
                }
            }
        }
        from = suspects.through;
    }
    body.push_str("\"/>");
}

/// Draws what the findings say the noise is: two standard deviations up and down, before and after.
fn widths(body: &mut String, scale: &Scale, findings: &[&Finding], points: &[Point]) {
    const NEAR: usize = 9;
    const SERIF: f64 = 3.0;
    for finding in findings {
        let suspects = finding.suspects;
        let after = points.partition_point(|point| point.position <= suspects.after);
        let through = points.partition_point(|point| point.position < suspects.through);
        let before = &points[after.saturating_sub(NEAR)..after];
        let then = &points[through..points.len().min(through + NEAR)];
        let sides = [
            (suspects.after, before, finding.before),
            (suspects.through, then, finding.after),
        ];
        for (position, near, deviation) in sides {
            let (x, level) = (scale.x(position), middle(near));
            let [top, bottom] = [2.0_f64, -2.0].map(|many| scale.y(many.mul_add(deviation, level)));
            let (left, right) = (x - SERIF, x + SERIF);
            _ = write!(
                body,
                "<path class=\"w\" d=\"M{left:.1} {top:.1}H{right:.1}M{x:.1} {top:.1}V{bottom:.1}M{left:.1} {bottom:.1}H{right:.1}\"/>"
            );
        }
    }
}

/// Returns the value in the middle.
fn middle(points: &[Point]) -> f64 {
    let mut values: Vec<f64> = points.iter().map(|point| point.value).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no history is longer than a float has digits for"
)]
fn float(count: u64) -> f64 {
    count as f64
}
