//! Groups of targets, as the `file_sd` and `http_sd` of Prometheus have them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::address::{Address, InvalidAddress};

#[derive(Debug, Deserialize)]
struct TargetGroup {
    targets: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// Reads them: JSON, or YAML, which has most of JSON in it, but no tabs.
pub(super) fn read(text: &str) -> Result<Vec<Address>, UnreadableTargets> {
    let groups: Vec<TargetGroup> = serde_json::from_str(text)
        .or_else(|_| serde_saphyr::from_str(text))
        .map_err(|error| UnreadableTargets::Shape(error.to_string()))?;
    groups.iter().flat_map(TargetGroup::addresses).collect()
}

impl TargetGroup {
    fn addresses(&self) -> impl Iterator<Item = Result<Address, UnreadableTargets>> {
        self.targets.iter().map(|target| {
            let url = format!("{}{target}{}", self.scheme(), self.path());
            url.parse()
                .map_err(|error| UnreadableTargets::Target(target.clone(), error))
        })
    }

    /// Returns what stands before a target. Without it the usual port is added.
    fn scheme(&self) -> String {
        self.labels
            .get("__scheme__")
            .map_or_else(String::new, |scheme| format!("{scheme}://"))
    }

    /// Returns what stands before `/metrics`, where a service has MAD below a path.
    fn path(&self) -> &str {
        self.labels
            .get("__metrics_path__")
            .and_then(|path| path.strip_suffix("/metrics"))
            .unwrap_or("")
    }
}

/// Why there are no targets.
#[derive(Debug)]
pub(crate) enum UnreadableTargets {
    Shape(String),
    Target(String, InvalidAddress),
}

impl fmt::Display for UnreadableTargets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(error) => write!(
                f,
                "it is no list of target groups, `[{{\"targets\": [\"shop-1:9464\"]}}]`: {error}"
            ),
            Self::Target(target, error) => write!(f, "the target {target:?}: {error}"),
        }
    }
}

impl std::error::Error for UnreadableTargets {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let addresses = read(text).expect("target groups");
        let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, expected);
    }

    #[test]
    fn what_prometheus_reads_is_read() {
        check("[]", &[]);
        check("", &[]);
        check(
            r#"[{"targets": ["a:1", "b"], "labels": {"env": "prod"}}, {"targets": ["c:2"]}]"#,
            &["http://a:1", "http://b:9464", "http://c:2"],
        );
        check(
            "- targets:\n    - a:1\n    - '[::1]:2'\n  labels:\n    env: prod\n",
            &["http://a:1", "http://[::1]:2"],
        );
    }

    #[test]
    fn labels_say_how_a_target_is_reached() {
        check(
            r#"[{"targets": ["a:1"], "labels": {"__scheme__": "https", "__metrics_path__": "/mad/metrics"}}]"#,
            &["https://a:1/mad"],
        );
    }

    #[test]
    fn what_is_no_list_of_targets_is_refused() {
        for wrong in [
            "{}",
            "[1]",
            "[{}]",
            "- targets: [ftp://a]",
            "[{\"targets\": [\"\"]}]",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".{0,200}") {
            _ = read(&text);
        }
    }
}
