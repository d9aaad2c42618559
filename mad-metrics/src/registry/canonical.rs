//! A key as it is recorded: its labels are legal, and differ.

use std::borrow::Cow;

use metrics::{Key, Label};

use crate::naming;
use crate::rejection::Reason;

/// A key as it is recorded.
pub(super) struct Canonical<'k> {
    pub(super) key: Cow<'k, Key>,
    /// What was wrong with labels, by the names that the program gives them.
    pub(super) repairs: Vec<Repair<'k>>,
}

/// A label that was changed.
pub(super) struct Repair<'k> {
    pub(super) reason: Reason,
    pub(super) original: &'k str,
    /// What it is called now.
    pub(super) name: String,
}

impl<'k> Canonical<'k> {
    /// Makes it, for a recorder that gives each series these labels.
    pub(super) fn of(key: &'k Key, global_labels: &[(String, String)]) -> Self {
        let mut repairs = Vec::new();
        let mut labels: Vec<(Cow<'k, str>, &'k Label)> = Vec::with_capacity(key.labels().len());
        let mut is_changed = false;
        for label in key.labels() {
            let original = label.key();
            let name = legal_name(original, &mut repairs);
            is_changed |= matches!(name, Cow::Owned(_));
            if label.value().contains('\r') {
                is_changed = true;
                repairs.push(Repair {
                    reason: Reason::CarriageReturn,
                    original,
                    name: name.clone().into_owned(),
                });
            }
            if let Some(earlier) = labels.iter_mut().find(|(earlier, _)| *earlier == name) {
                earlier.1 = label;
                is_changed = true;
                repairs.push(Repair {
                    reason: Reason::DuplicateLabel,
                    original,
                    name: name.into_owned(),
                });
            } else {
                labels.push((name, label));
            }
        }
        let n_labels = labels.len();
        // To Prometheus, a label without a value is none. And one that every series has tells none from another.
        labels.retain(|(name, label)| {
            let is_global =
                |(global, value): &(String, String)| global == name && *value == legal_value(label);
            !label.value().is_empty() && !global_labels.iter().any(is_global)
        });
        let key = if is_changed || labels.len() < n_labels {
            let label = |(name, label): (Cow<'_, str>, &Label)| {
                Label::new(name.into_owned(), legal_value(label))
            };
            let labels: Vec<_> = labels.into_iter().map(label).collect();
            Cow::Owned(Key::from_parts(key.name().to_owned(), labels))
        } else {
            Cow::Borrowed(key)
        };
        Self { key, repairs }
    }

    pub(super) fn is_as_it_was(&self) -> bool {
        matches!(self.key, Cow::Borrowed(_))
    }
}

fn legal_value(label: &Label) -> String {
    naming::without_carriage_returns(label.value())
}

fn legal_name<'k>(original: &'k str, repairs: &mut Vec<Repair<'k>>) -> Cow<'k, str> {
    let legal = naming::label_name(original);
    if let Cow::Owned(name) = &legal {
        repairs.push(Repair {
            reason: Reason::IllegalLabel,
            original,
            name: name.clone(),
        });
    }
    match naming::unreserved_label(&legal) {
        Some(name) => {
            repairs.push(Repair {
                reason: Reason::ReservedLabel,
                original,
                name: name.clone(),
            });
            Cow::Owned(name)
        }
        None => legal,
    }
}
