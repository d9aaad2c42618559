//! The tables, and how a file of an older version becomes one of this.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// What leads from each version to the next. A step that was ever released stays as it is.
const MIGRATIONS: [&str; 1] = [include_str!("schema_1.sql")];

/// Marks a file as ours: "MADs" in ASCII.
const APPLICATION: i32 = 0x4d41_4473;

/// Brings a file to the newest version; an empty one gets all tables.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let number = |connection: &Connection, name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0))
    };
    if number(connection, "application_id")? == APPLICATION
        && usize::try_from(number(connection, "user_version")?) == Ok(MIGRATIONS.len())
    {
        return Ok(());
    }
    // Another process may be at it too: who comes second finds it done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = number(&transaction, "user_version")?;
    let application = number(&transaction, "application_id")?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    if application != APPLICATION && (version != 0 || tables != 0) {
        return Err(StoreError::Foreign);
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(StoreError::Newer {
            found: version,
            known: MIGRATIONS.len(),
        });
    }
    for migration in &MIGRATIONS[done..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(
        None,
        "user_version",
        i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX),
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.commit()?;
    Ok(())
}
