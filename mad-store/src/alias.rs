//! Things that were renamed, and keep their history.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use crate::store::subject_of;
use crate::{Store, StoreError, Subject};

impl Store {
    /// From now on, what was called `old` is `new`: series show both under the new name.
    ///
    /// # Errors
    ///
    /// [`StoreError::AliasOfItself`] if `new` is by other aliases called `old`, and [`StoreError::Sqlite`] if it cannot be
    /// written.
    pub fn rename(&mut self, old: &Subject, new: &Subject) -> Result<(), StoreError> {
        let present = self
            .renamed()?
            .get(new)
            .cloned()
            .unwrap_or_else(|| new.clone());
        if present == *old {
            return Err(StoreError::AliasOfItself(old.to_string()));
        }
        let transaction = self
            .connection()
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = |subject: &Subject| -> Result<i64, StoreError> {
            let values = params![subject.kind.word(), subject.package, subject.name];
            let there = transaction
                .query_row(
                    "SELECT id FROM subjects WHERE kind = ?1 AND package = ?2 AND name = ?3",
                    values,
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(there) = there {
                return Ok(there);
            }
            transaction.execute(
                "INSERT INTO subjects (kind, package, name) VALUES (?1, ?2, ?3)",
                values,
            )?;
            Ok(transaction.last_insert_rowid())
        };
        let (old, new) = (number(old)?, number(new)?);
        transaction.execute(
            "INSERT OR REPLACE INTO aliases (old, new) VALUES (?1, ?2)",
            [old, new],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Takes an alias away: `old` has a history of its own again. Says whether there was one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be written.
    pub fn forget_rename(&mut self, old: &Subject) -> Result<bool, StoreError> {
        let gone = self.connection().execute(
            "DELETE FROM aliases WHERE old = (SELECT id FROM subjects WHERE kind = ?1 AND package = ?2 AND name = ?3)",
            params![old.kind.word(), old.package, old.name],
        )?;
        Ok(gone > 0)
    }

    /// What each renamed thing is called at present.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be read.
    pub fn renamed(&self) -> Result<HashMap<Subject, Subject>, StoreError> {
        let mut select = self.reader().prepare_cached(
            "SELECT old.kind, old.package, old.name, new.kind, new.package, new.name
             FROM aliases JOIN subjects AS old ON old.id = aliases.old JOIN subjects AS new ON new.id = aliases.new",
        )?;
        let mut rows = select.query(())?;
        let mut direct = HashMap::new();
        while let Some(row) = rows.next()? {
            direct.insert(subject_of(row, 0)?, subject_of(row, 3)?);
        }
        let renamed = direct
            .keys()
            .map(|old| (old.clone(), followed(&direct, old).clone()))
            .collect();
        Ok(renamed)
    }
}

/// Where a chain of renames ends. One that goes round in a circle, which a merge can bring about, ends after one round.
fn followed<'names>(
    direct: &'names HashMap<Subject, Subject>,
    old: &'names Subject,
) -> &'names Subject {
    let mut present = old;
    for _ in 0..direct.len() {
        match direct.get(present) {
            Some(next) => present = next,
            None => break,
        }
    }
    present
}
