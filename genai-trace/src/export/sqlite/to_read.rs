//! A store that is only read: while others write to it, while it is being made, and where nobody may write.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::identity::check_process;
use super::schema::{self, MIGRATIONS, PATIENCE, check_version};

/// Opens the store at `path` to be read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<Connection> {
    check_process()?;
    // A connection that may write clears away the log when it is the last; one that may not leaves it beside the file.
    let first = open(path.as_os_str().into(), OpenFlags::SQLITE_OPEN_READ_WRITE);
    match first {
        Err(error) if is_for_want_of_permission(&error) => open_as_it_lies(path, error),
        opened => opened,
    }
}

fn open(name: OsString, flags: OpenFlags) -> io::Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let store = Connection::open_with_flags(name, flags).map_err(io::Error::other)?;
    store.busy_timeout(PATIENCE).map_err(io::Error::other)?;
    let store = match check_version(&store, MIGRATIONS)? {
        // Whoever makes it has come no further: it is the empty store that it will be.
        0 => schema::empty().map_err(io::Error::other)?,
        _ => store,
    };
    store
        .pragma_update(None, "query_only", true)
        .map_err(io::Error::other)?;
    Ok(store)
}

/// Whether SQLite lacked a file beside the store, which it could not make.
fn is_for_want_of_permission(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let code = cause.and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// Opens a store that nobody can write to from here, without locks and without files beside it; that is right where all
/// that was written is in the file itself.
fn open_as_it_lies(path: &Path, error: io::Error) -> io::Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match std::fs::metadata(&log) {
        Ok(log) if log.len() > 0 => {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "what was written last is still in the -wal beside it, and to read that SQLite must be able to write to the \
                 folder: read it as whoever writes it does, or copy both files to where you may write",
            ));
        }
        Err(missing) if missing.kind() != io::ErrorKind::NotFound => return Err(missing),
        _ => {}
    }
    match open(
        immutable(path)?,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    ) {
        Err(again) if is_for_want_of_permission(&again) => Err(error),
        opened => opened,
    }
}

/// The name by which SQLite takes a file as one that nobody changes.
fn immutable(path: &Path) -> io::Result<OsString> {
    let path = std::path::absolute(path)?;
    let mut name = String::from(if cfg!(windows) { "file:///" } else { "file:" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => name.push('/'),
            b'/' | b'.' | b'-' | b'_' => name.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => name.push(char::from(*byte)),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name.push_str("?immutable=1");
    Ok(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_name_of_any_bytes_stays_what_it_is() {
        assert_eq!(
            immutable(Path::new("/runs of/a?b#c%é.db")).unwrap(),
            "file:/runs%20of/a%3Fb%23c%25%C3%A9.db?immutable=1"
        );
    }

    #[test]
    fn a_store_that_nobody_may_write_is_read_as_it_lies() {
        let folder =
            std::env::temp_dir().join(format!("genai-trace-lies a?b-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("traces.db");
        drop(schema::open(&path).unwrap());
        let refused = || io::Error::other("refused");
        let store = open_as_it_lies(&path, refused()).unwrap();
        let spans: i64 = store
            .query_row("SELECT count(*) FROM spans", [], |row| row.get(0))
            .unwrap();
        assert_eq!(spans, 0);
        std::fs::write(folder.join("traces.db-wal"), "frames").unwrap();
        let error = open_as_it_lies(&path, refused()).unwrap_err();
        assert!(error.to_string().contains("-wal"), "{error}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_store_that_is_being_made_is_the_empty_one_that_it_will_be() {
        let path = std::env::temp_dir().join(format!("genai-trace-made-{}.db", std::process::id()));
        let making = Connection::open(&path).unwrap();
        making
            .execute_batch("PRAGMA journal_mode = wal; VACUUM")
            .unwrap();
        let store = open_to_read(&path).unwrap();
        for table in ["spans", "events", "links", "scores", "observation_log"] {
            let query = format!("SELECT count(*) FROM {table}");
            let rows: i64 = store.query_row(&query, [], |row| row.get(0)).unwrap();
            assert_eq!(rows, 0);
        }
        drop(making);
        std::fs::remove_file(path).unwrap();
    }
}
