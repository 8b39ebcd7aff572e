//! The connection to a store: one transaction a batch, and a new connection where the file has gone.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::identity::{Identity, OpenStore};
use super::schema::{self, PATIENCE};
use super::turn::begin;
use crate::export::ExportError;

/// How long a batch waits for its turn, while those behind it wait in the bounded queue of the exporter. It is longer than
/// a flush or a shutdown usually is, so that these decide how long is long enough; and it has an end, so that a store that
/// somebody has left locked is said at last.
const PATIENCE_OF_A_BATCH: Duration = Duration::from_secs(60);

/// A store that is written to.
pub(super) struct Connected {
    path: PathBuf,
    /// None before there is something to write, and once it is closed.
    store: Option<(Connection, OpenStore)>,
    files: Files,
    is_closed: bool,
}

/// The file of a store, and those that SQLite keeps beside it.
#[derive(Debug, Default)]
struct Files {
    store: Option<Identity>,
    beside: Vec<(PathBuf, Identity)>,
}

impl Files {
    fn of(path: &Path) -> Self {
        let beside = ["-wal", "-shm"].into_iter().filter_map(|ending| {
            let mut path = path.as_os_str().to_owned();
            path.push(ending);
            let path = PathBuf::from(path);
            Identity::of(&path).map(|file| (path, file))
        });
        Self {
            store: Identity::of(path),
            beside: beside.collect(),
        }
    }

    /// Takes away what is still beside the path of the store, so that the next store there has files of its own. Those
    /// of another are left.
    fn remove_beside(&self) -> io::Result<()> {
        for (path, file) in &self.beside {
            if Identity::of(path) == Some(*file) {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

impl Connected {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let store = schema::open(path)?;
        let files = Files::of(path);
        let open = OpenStore::new(files.store);
        Ok(Self {
            path: path.to_owned(),
            store: Some((store, open)),
            files,
            is_closed: false,
        })
    }

    /// The store at `path`, which is opened when there is something to write.
    pub(super) fn to_come(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            store: None,
            files: Files::default(),
            is_closed: false,
        }
    }

    /// Writes `items` in one transaction, each by `insert`. Those that are too large for a database are left out.
    pub(super) fn write<'a, T: 'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a T>,
        insert: fn(&Connection, &T) -> rusqlite::Result<()>,
    ) -> Result<(), ExportError> {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        let has_moved = self.open_where_needed()?;
        let Some((store, _)) = &self.store else {
            return Err(ExportError::new(format_args!("{self:?} is closed")));
        };
        let done = insert_all(store, items, insert);
        let too_large = done.map_err(|error| {
            ExportError::new(format_args!("cannot write to {:?}: {error}", self.path))
        })?;
        match (too_large, has_moved) {
            (0, false) => Ok(()),
            (0, true) => Err(ExportError::of_some(
                0,
                format_args!("{:?} was moved or removed: a new one was made", self.path),
            )),
            (count, _) => Err(ExportError::of_some(
                count,
                format_args!("{:?} has no room for texts so long", self.path),
            )),
        }
    }

    /// Opens the store where that is still to be done; says whether it had gone: writes to a file that nobody finds
    /// any more would be a loss in silence.
    fn open_where_needed(&mut self) -> Result<bool, ExportError> {
        let is_open = self.store.is_some();
        if self.is_closed || (is_open && !self.has_moved()) {
            return Ok(false);
        }
        self.leave()?;
        *self = Self::open(&self.path).map_err(|error| {
            ExportError::new(format_args!("cannot open {:?}: {error}", self.path))
        })?;
        Ok(is_open)
    }

    fn has_moved(&self) -> bool {
        self.files.store != Identity::of(&self.path)
    }

    /// Closes the store. Where its file has gone, SQLite would leave the log at the old place, for the next store there
    /// to find, and two stores would share locks: so the log is brought into the file first, and nothing is left.
    fn leave(&mut self) -> Result<(), ExportError> {
        let Some((store, open)) = self.store.take() else {
            return Ok(());
        };
        if self.has_moved()
            && let Err(error) = clear_away(&store, &self.files)
        {
            // The next batch tries again.
            self.store = Some((store, open));
            return Err(ExportError::new(format_args!(
                "{:?} was moved or removed, and what is in its log cannot follow: {error}",
                self.path
            )));
        }
        store.close().map_err(|(_, error)| {
            ExportError::of_some(0, format_args!("cannot close {:?}: {error}", self.path))
        })
    }

    /// Closes the store: what is in the log goes to the file where nobody else writes to it.
    pub(super) fn close(&mut self) -> Result<(), ExportError> {
        self.is_closed = true;
        let left = self.leave();
        self.store = None;
        left.map_err(|error| ExportError::of_some(0, error))
    }
}

/// Brings the log of a store into its file, which is elsewhere by now, and takes away what lies beside its old place.
fn clear_away(store: &Connection, files: &Files) -> io::Result<()> {
    // Readers are waited for by SQLite itself, which says no error where they stay.
    store.busy_timeout(PATIENCE).map_err(io::Error::other)?;
    let checkpoint = store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        Ok((row.get(1)?, row.get(2)?))
    });
    let waits = store.busy_timeout(Duration::ZERO);
    let (log, done): (i64, i64) = checkpoint.map_err(io::Error::other)?;
    waits.map_err(io::Error::other)?;
    if log != done {
        return Err(io::Error::other("others still read from it"));
    }
    // Other writers who leave it wait here, and find then that the files at its old place are not theirs.
    let lock = begin(store, PATIENCE).map_err(io::Error::other)?;
    files.remove_beside()?;
    lock.rollback().map_err(io::Error::other)
}

/// How many were too large.
fn insert_all<'a, T: 'a>(
    store: &Connection,
    items: impl Iterator<Item = &'a T>,
    insert: fn(&Connection, &T) -> rusqlite::Result<()>,
) -> rusqlite::Result<u64> {
    let mut batch = begin(store, PATIENCE_OF_A_BATCH)?;
    let mut too_large = 0;
    for item in items {
        // What fails is taken back where it is dropped: no span stands there with half of its events.
        let one = batch.savepoint()?;
        match insert(&one, item) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => too_large += 1,
            done => {
                done?;
                one.commit()?;
            }
        }
    }
    batch.commit()?;
    Ok(too_large)
}

#[cfg(test)]
mod tests {
    use super::super::rows::insert_log_record;
    use super::*;
    use crate::record::LogRecord;

    fn event(text: &str) -> LogRecord {
        let line = serde_json::json!({
            "event_name": "said", "time_unix_nano": 1, "trace_id": null, "span_id": null,
            "attributes": {"text": text},
        });
        serde_json::from_value(line).unwrap()
    }

    fn count(store: &Connected) -> i64 {
        let (store, _) = store.store.as_ref().unwrap();
        store
            .query_row("SELECT count(*) FROM events", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn a_batch_that_finds_no_room_is_lost_as_a_whole_and_the_next_one_is_written() {
        let path = std::env::temp_dir().join(format!("genai-trace-full-{}.db", std::process::id()));
        let mut store = Connected::open(&path).unwrap();
        let pages = |store: &Connected, most: i64| {
            let (store, _) = store.store.as_ref().unwrap();
            store.pragma_update(None, "max_page_count", most).unwrap();
        };
        // No page more than there are.
        pages(&store, 1);
        let large = "x".repeat(1 << 20);
        let batch = [event("small"), event(&large)];
        let error = store.write(&batch, insert_log_record).unwrap_err();
        assert_eq!(error.failed_of(2), 2);
        assert!(
            error.to_string().ends_with(": database or disk is full"),
            "{error}"
        );
        assert_eq!(count(&store), 0);
        pages(&store, 1 << 20);
        store.write(&batch, insert_log_record).unwrap();
        assert_eq!(count(&store), 2);
        store.close().unwrap();
        let error = store.write(&batch, insert_log_record).unwrap_err();
        assert!(error.to_string().ends_with("is closed"), "{error}");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_is_too_large_is_left_out_as_a_whole_and_the_others_are_written() {
        let path = std::env::temp_dir().join(format!("genai-trace-half-{}.db", std::process::id()));
        let mut store = Connected::open(&path).unwrap();
        let batch = [event("first"), event("large"), event("last")];
        let half = |batch: &Connection, event: &LogRecord| {
            insert_log_record(batch, event)?;
            match serde_json::to_string(event).unwrap().contains("large") {
                true => Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_TOOBIG),
                    None,
                )),
                false => Ok(()),
            }
        };
        let error = store.write(&batch, half).unwrap_err();
        assert_eq!(error.failed_of(3), 1);
        assert_eq!(count(&store), 2);
        store.close().unwrap();
        std::fs::remove_file(path).unwrap();
    }
}
