//! How far each sink has come.

use rusqlite::{OptionalExtension as _, params};

use super::{RunId, Store, StoreError};

impl Store {
    /// The last run that a sink has acknowledged, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be read.
    pub fn cursor(&self, sink: &str) -> Result<Option<RunId>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT run FROM cursors WHERE sink = ?1")?;
        Ok(select
            .query_row([sink], |row| row.get(0).map(RunId))
            .optional()?)
    }

    /// Notes that a sink has acknowledged this run and all before it. It never goes back.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if it cannot be written.
    pub fn set_cursor(&mut self, sink: &str, run: RunId) -> Result<(), StoreError> {
        let mut upsert = self.connection.prepare_cached(
            "INSERT INTO cursors (sink, run) VALUES (?1, ?2)
             ON CONFLICT (sink) DO UPDATE SET run = max(run, excluded.run)",
        )?;
        upsert.execute(params![sink, run.get()])?;
        Ok(())
    }
}
