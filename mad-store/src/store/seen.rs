//! The runs that points are from, read once: what is known of a run never changes, and its number never becomes
//! another's.

use rusqlite::Connection;

use super::StoreError;

/// All runs up to the newest that was asked for, in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct SeenRuns {
    runs: Vec<SeenRun>,
    /// Where the last one was found. The next is often the one behind it.
    last: usize,
}

#[derive(Debug)]
pub(super) struct SeenRun {
    number: i64,
    pub(super) commit: Option<String>,
    pub(super) dirty: bool,
    pub(super) started_at: i64,
}

impl SeenRuns {
    /// A run; nothing, if there is none of this number.
    pub(super) fn find(
        &mut self,
        connection: &Connection,
        number: i64,
    ) -> Result<Option<&SeenRun>, StoreError> {
        if self.newest() < number {
            self.read(connection)?;
        }
        let is_it = |run: &SeenRun| run.number == number;
        if self.runs.get(self.last + 1).is_some_and(is_it) {
            self.last += 1;
            return Ok(self.runs.get(self.last));
        }
        let found = self.runs.binary_search_by_key(&number, |run| run.number);
        self.last = found.unwrap_or(self.last);
        Ok(found.ok().and_then(|place| self.runs.get(place)))
    }

    fn newest(&self) -> i64 {
        self.runs.last().map_or(0, |run| run.number)
    }

    /// Those that have come since: numbers are given in the order in which runs are written.
    fn read(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut select = connection.prepare_cached(
            "SELECT id, commit_id, dirty, started_at FROM runs WHERE id > ?1 ORDER BY id",
        )?;
        let mut rows = select.query([self.newest()])?;
        while let Some(row) = rows.next()? {
            self.runs.push(SeenRun {
                number: row.get(0)?,
                commit: row.get(1)?,
                dirty: row.get(2)?,
                started_at: row.get(3)?,
            });
        }
        Ok(())
    }
}
