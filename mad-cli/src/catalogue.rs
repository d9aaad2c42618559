//! What a service says of its checks: the answer of `GET /checks`.

use std::fmt::Write as _;

use serde::Deserialize;

/// All checks of a service, by name.
#[derive(Debug, Deserialize)]
pub(crate) struct Catalogue {
    pub(crate) health_checks: Vec<HealthCheck>,
    pub(crate) self_tests: Vec<SelfTest>,
}

/// A health check.
#[derive(Debug, Deserialize)]
pub(crate) struct HealthCheck {
    #[serde(flatten)]
    pub(crate) about: About,
    /// The probes that it gates, by their words; none makes it informational.
    pub(crate) probes: Vec<String>,
    pub(crate) every_seconds: f64,
    pub(crate) while_down_seconds: f64,
    pub(crate) initial_delay_seconds: f64,
    /// After which its last result counts for nothing, if it ever does.
    pub(crate) max_age_seconds: Option<f64>,
    pub(crate) fail_after: u32,
    pub(crate) recover_after: u32,
    pub(crate) is_critical: bool,
}

/// A self-test.
#[derive(Debug, Deserialize)]
pub(crate) struct SelfTest {
    #[serde(flatten)]
    pub(crate) about: About,
    pub(crate) effects: String,
    pub(crate) every_seconds: Option<f64>,
    pub(crate) ignored: Option<String>,
}

/// What a check of either kind says about itself.
#[derive(Debug, Deserialize)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) tags: Vec<String>,
    pub(crate) owner: Option<String>,
    pub(crate) runbook: Option<String>,
    pub(crate) after: Vec<String>,
    pub(crate) timeout_seconds: f64,
    pub(crate) location: Location,
}

/// Where its function is.
#[derive(Debug, Deserialize)]
pub(crate) struct Location {
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl HealthCheck {
    /// Says in words what it gates.
    pub(crate) fn gates(&self) -> String {
        if self.probes.is_empty() {
            "gates no probe".to_owned()
        } else {
            format!("gates {}", self.probes.join(" and "))
        }
    }

    /// Says in words when it counts as failing.
    pub(crate) fn rhythm(&self) -> String {
        let mut rhythm = format!("every {}", seconds(self.every_seconds));
        if self.fail_after > 1 {
            _ = write!(
                rhythm,
                ", fails after {} failures in a row",
                self.fail_after
            );
        }
        if self.recover_after > 1 {
            _ = write!(
                rhythm,
                ", recovers after {} passes in a row",
                self.recover_after
            );
        }
        if !self.is_critical {
            rhythm.push_str(", degrades when it fails");
        }
        rhythm
    }
}

impl SelfTest {
    /// Says in words when it runs.
    pub(crate) fn rhythm(&self) -> String {
        match self.every_seconds {
            Some(every) => format!("{}, every {}", self.effects, seconds(every)),
            None => format!("{}, when it is asked for", self.effects),
        }
    }
}

impl Location {
    pub(crate) fn words(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Writes a length of time as annotations do: `1m30s`, `2s`, `150ms`.
pub(crate) fn seconds(seconds: f64) -> String {
    let milliseconds = (seconds * 1000.0).round();
    let mut rest = milliseconds;
    let mut text = String::new();
    for (unit, length) in [
        ("h", 3_600_000.0),
        ("m", 60_000.0),
        ("s", 1_000.0),
        ("ms", 1.0),
    ] {
        let count = (rest / length).floor();
        rest -= count * length;
        if count > 0.0 {
            _ = write!(text, "{count}{unit}");
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_time_is_written_as_annotations_have_it() {
        for (number, text) in [
            (90.0, "1m30s"),
            (2.0, "2s"),
            (0.15, "150ms"),
            (86_400.0, "24h"),
            (0.0, "0s"),
        ] {
            assert_eq!(seconds(number), text);
        }
    }
}
