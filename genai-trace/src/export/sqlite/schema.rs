//! What a store looks like, and how an older one becomes like it.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

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

/// Has readers not wait for writers, nor writers for the disk: a commit is in the file when it returns, and on the disk
/// with the next checkpoint.
fn keep_a_log(store: &Connection) -> rusqlite::Result<()> {
    // The first to change it locks all others out, and these are not made to wait.
    when_not_busy(PATIENCE, || {
        store.pragma_update(None, "journal_mode", "wal")
    })?;
    store.pragma_update(None, "synchronous", "normal")
}

/// The version of a store; 0 of an empty file.
fn version(store: &Connection) -> rusqlite::Result<usize> {
    let version = store.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?;
    Ok(version.try_into().unwrap_or(usize::MAX))
}

/// Opens the store at `path` to be read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<Connection> {
    check_process()?;
    // A connection that may write clears away the log when it is the last; one that may not leaves it beside the file.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let store = Connection::open_with_flags(path, flags).map_err(io::Error::other)?;
    store.busy_timeout(PATIENCE).map_err(io::Error::other)?;
    store
        .pragma_update(None, "query_only", true)
        .map_err(io::Error::other)?;
    check(&store)?;
    Ok(store)
}

/// Says whether this build knows stores of that version.
fn check(store: &Connection) -> io::Result<()> {
    match check_version(store, MIGRATIONS)? {
        0 => Err(io::Error::other("it is a database, and no store of spans")),
        _ => Ok(()),
    }
}

/// The version of a store, or 0 of an empty file; somebody else's database has none.
fn check_version(store: &Connection, migrations: &[&[&str]]) -> io::Result<usize> {
    let version = version(store).map_err(io::Error::other)?;
    let (id, tables) = store
        .query_row(
            "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id",
            [],
            |row| Ok((row.get::<_, i32>(0)?, row.get::<_, i64>(1)?)),
        )
        .map_err(io::Error::other)?;
    if id != APPLICATION_ID && (id, version, tables) != (0, 0, 0) {
        return Err(io::Error::other("it is a database, and no store of spans"));
    }
    match migrations.len() {
        newest if version > newest => Err(io::Error::other(format!(
            "the store has the version {version}, and this build knows those up to {newest}"
        ))),
        _ => Ok(version),
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

    const FIRST: &[&str] = &["CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')"];
    const SECOND: &[&str] = &["ALTER TABLE notes ADD COLUMN length INTEGER AS (length(text))"];

    #[test]
    fn a_store_of_an_older_version_is_brought_up_to_date_and_keeps_what_is_in_it() {
        let store = Connection::open_in_memory().unwrap();
        migrate(&store, &[FIRST]).unwrap();
        assert_eq!(version(&store).unwrap(), 1);
        migrate(&store, &[FIRST, SECOND]).unwrap();
        migrate(&store, &[FIRST, SECOND]).unwrap();
        assert_eq!(version(&store).unwrap(), 2);
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
        assert_eq!(version(&store).unwrap(), 1);
        assert!(store.prepare("SELECT * FROM half").is_err());
    }

    #[test]
    fn a_store_of_a_newer_version_is_left_alone() {
        let store = Connection::open_in_memory().unwrap();
        store.pragma_update(None, "user_version", 7).unwrap();
        store
            .pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        assert_eq!(
            check(&store).unwrap_err().to_string(),
            "the store has the version 7, and this build knows those up to 2"
        );
    }
}
