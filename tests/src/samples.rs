//! What somebody has read on a metrics page: each series with its value.

use std::collections::BTreeMap;

use serde_json::Value;

/// Each series, its labels in order, with its value.
///
/// Values are compared by their bits, in which `NaN` is the same as itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Samples(BTreeMap<String, u64>);

impl Samples {
    /// Adds a series.
    ///
    /// # Panics
    ///
    /// If it is there already.
    #[track_caller]
    pub fn add<'l>(
        &mut self,
        name: &str,
        labels: impl IntoIterator<Item = (&'l str, &'l str)>,
        value: f64,
    ) {
        let labels: BTreeMap<_, _> = labels.into_iter().collect();
        let series = format!("{name}{labels:?}");
        let value = if value.is_nan() { f64::NAN } else { value };
        let before = self.0.insert(series.clone(), value.to_bits());
        assert!(before.is_none(), "{series} is there twice");
    }

    /// Reads `[{"name": .., "labels": {..}, "value": ".."}]`.
    ///
    /// # Panics
    ///
    /// If it is something else, or a series is there twice.
    #[track_caller]
    pub fn from_json(samples: &Value) -> Self {
        let mut all = Self::default();
        for sample in samples.as_array().unwrap() {
            let labels = sample["labels"].as_object().unwrap().iter();
            let labels = labels.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
            let value = sample["value"].as_str().unwrap().parse().unwrap();
            all.add(sample["name"].as_str().unwrap(), labels, value);
        }
        all
    }

    /// Returns those that are not MAD's own or the process', which change from page to page.
    #[must_use]
    pub fn of_the_application(&self) -> Self {
        let is_own = |series: &str| {
            ["mad_", "process_"]
                .iter()
                .any(|own| series.starts_with(own))
        };
        let series = self.0.iter().filter(|(series, _)| !is_own(series));
        Self(
            series
                .map(|(series, value)| (series.clone(), *value))
                .collect(),
        )
    }
}
