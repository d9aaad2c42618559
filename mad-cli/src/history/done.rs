//! What was done before: the store is the only record of it.

use std::collections::HashMap;

use mad_store::{Run, RunFilter, Store, StoreError};

/// The runs of a store, by what they are known by.
#[derive(Debug, Default)]
pub(super) struct Done {
    by_key: HashMap<String, Run>,
    /// The key of a run of each content.
    by_content: HashMap<String, String>,
}

impl Done {
    /// All of them.
    pub(super) fn read(store: &Store) -> Result<Self, StoreError> {
        Self::of(store, &RunFilter::default())
    }

    /// Those of one commit.
    pub(super) fn of_commit(store: &Store, commit: &str) -> Result<Self, StoreError> {
        Self::of(
            store,
            &RunFilter {
                commit: Some(commit.to_owned()),
                ..RunFilter::default()
            },
        )
    }

    fn of(store: &Store, filter: &RunFilter) -> Result<Self, StoreError> {
        let mut done = Self::default();
        for run in store.runs(filter)? {
            done.add(run);
        }
        Ok(done)
    }

    fn add(&mut self, run: Run) {
        if let Some(content) = &run.content {
            self.by_content
                .entry(content.clone())
                .or_insert_with(|| run.key.clone());
        }
        self.by_key.insert(run.key.clone(), run);
    }

    pub(super) fn run(&self, key: &str) -> Option<&Run> {
        self.by_key.get(key)
    }

    /// A run of something alike.
    pub(super) fn alike(&self, content: &str) -> Option<&Run> {
        self.by_content
            .get(content)
            .and_then(|key| self.by_key.get(key))
    }
}
