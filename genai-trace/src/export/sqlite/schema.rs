//! What a store looks like, and how an older one becomes like it.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::identity::check_process;
use super::turn::{begin, when_not_busy};

/// How long whoever opens a store, or reads it, waits for others.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What a database says that is a store: "gtrc".
pub(crate) const APPLICATION_ID: i32 = 0x6774_7263;

/// The tables of a store.
const TABLES: &str = include_str!("tables.sql");
/// Its views.
pub(crate) const VIEWS: &str = include_str!("views.sql");
/// Takes away the views of an older version, to make today's; stores of the first version had them beside their tables.
const NO_VIEWS: &str =
    "DROP VIEW IF EXISTS observation_log; DROP VIEW IF EXISTS scores; DROP VIEW IF EXISTS traces;";
/// What makes a store of each version out of the version before; the first of an empty file.
pub(crate) const MIGRATIONS: &[&[&str]] = &[&[TABLES], &[NO_VIEWS, VIEWS]];

/// Opens the store at `path` for writing: made where there is none, brought up to date where it is older.
pub(super) fn open(path: &Path) -> io::Result<Connection> {
    check_process()?;
    let store = Connection::open(path).map_err(io::Error::other)?;
    store.busy_timeout(PATIENCE).map_err(io::Error::other)?;
    // Before anything is written to a file that may be somebody else's.
    check_version(&store, MIGRATIONS)?;
    keep_a_log(&store).map_err(io::Error::other)?;
    // From here on who waits asks more often than SQLite does.
    store
        .busy_timeout(Duration::ZERO)
        .map_err(io::Error::other)?;
    migrate(&store, MIGRATIONS)?;
    Ok(store)
}

/// A store with nothing in it, which is no file.
pub(super) fn empty() -> rusqlite::Result<Connection> {
    let store = Connection::open_in_memory()?;
    for part in MIGRATIONS.iter().copied().flatten() {
        store.execute_batch(part)?;
    }
    Ok(store)
}

/// Has readers not wait for writers, nor writers for the disk: a commit is in the file when it returns, and on the disk
/// with the next checkpoint.
fn keep_a_log(store: &Connection) -> rusqlite::Result<()> {
    // The first to change it locks all others out, and these are not made to wait.
    when_not_busy(PATIENCE, || {
        store.pragma_update(None, "journal_mode", "wal")
    })?;
    store.pragma_update(None, "synchronous", "normal")
}

/// The version of a store, or 0 of a file without anything in it; somebody else's database has none.
pub(super) fn check_version(store: &Connection, migrations: &[&[&str]]) -> io::Result<usize> {
    let (id, version, tables) = store
        .query_row(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) \
             FROM pragma_application_id, pragma_user_version",
            [],
            |row| {
                Ok((
                    row.get::<_, i32>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                ))
            },
        )
        .map_err(io::Error::other)?;
    if id != APPLICATION_ID && (id, version, tables) != (0, 0, 0) {
        return Err(io::Error::other("it is a database, and no store of spans"));
    }
    match usize::try_from(version) {
        Ok(0) if tables == 0 => Ok(0),
        Ok(known) if (1..=migrations.len()).contains(&known) => Ok(known),
        _ => Err(io::Error::other(format!(
            "the store has the version {version}, and this build knows those from 1 to {}",
            migrations.len()
        ))),
    }
}

/// Makes a store of the newest version out of an older one, wholly or not at all.
fn migrate(store: &Connection, migrations: &[&[&str]]) -> io::Result<()> {
    if check_version(store, migrations)? == migrations.len() {
        return Ok(());
    }
    let step = begin(store, PATIENCE).map_err(io::Error::other)?;
    // Another process may have been quicker.
    let from = check_version(&step, migrations)?;
    for part in migrations.iter().skip(from).copied().flatten() {
        step.execute_batch(part).map_err(io::Error::other)?;
    }
    let newest = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    step.pragma_update(None, "application_id", APPLICATION_ID)
        .and_then(|()| step.pragma_update(None, "user_version", newest))
        .and_then(|()| step.commit())
        .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(store: &Connection) -> i64 {
        let version = store.pragma_query_value(None, "user_version", |row| row.get(0));
        version.unwrap()
    }

    const FIRST: &[&str] = &["CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')"];
    const SECOND: &[&str] = &["ALTER TABLE notes ADD COLUMN length INTEGER AS (length(text))"];

    #[test]
    fn a_store_of_an_older_version_is_brought_up_to_date_and_keeps_what_is_in_it() {
        let store = Connection::open_in_memory().unwrap();
        migrate(&store, &[FIRST]).unwrap();
        assert_eq!(version(&store), 1);
        migrate(&store, &[FIRST, SECOND]).unwrap();
        migrate(&store, &[FIRST, SECOND]).unwrap();
        assert_eq!(version(&store), 2);
        let row = store.query_row("SELECT text, length FROM notes", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        });
        assert_eq!(row.unwrap(), ("kept".to_owned(), 4));
    }

    #[test]
    fn a_step_that_fails_leaves_the_store_as_it_was() {
        let store = Connection::open_in_memory().unwrap();
        migrate(&store, &[FIRST]).unwrap();
        let broken: &[&str] = &["CREATE TABLE half (a)", "no sql"];
        assert!(migrate(&store, &[FIRST, broken]).is_err());
        assert_eq!(version(&store), 1);
        assert!(store.prepare("SELECT * FROM half").is_err());
    }

    #[test]
    fn a_store_of_a_version_that_is_not_known_is_left_alone() {
        for version in [7, -1, 0] {
            let store = Connection::open_in_memory().unwrap();
            store.execute_batch(TABLES).unwrap();
            store.pragma_update(None, "user_version", version).unwrap();
            store
                .pragma_update(None, "application_id", APPLICATION_ID)
                .unwrap();
            assert_eq!(
                migrate(&store, MIGRATIONS).unwrap_err().to_string(),
                format!(
                    "the store has the version {version}, and this build knows those from 1 to 2"
                )
            );
        }
    }
}
