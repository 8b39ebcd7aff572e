//! Events beside the spans, `traces.events.jsonl`: of each it is known where it lies, and read when its span is shown.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use genai_trace::{Attributes, Event, LogRecord, Value, files, sqlite};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::input::{Follower, Scratch, Step, event_in, lines, read_at};

/// What is kept with scores, and shown as one.
const EVALUATION: &str = "gen_ai.evaluation.result";

/// Where the events of spans lie.
#[derive(Debug, Default)]
pub(crate) struct Events {
    followed: Mutex<Vec<Followed>>,
    /// The files that are followed, by where they really lie.
    seen: Mutex<HashSet<PathBuf>>,
    stores: Mutex<Vec<Store>>,
    known: RwLock<Known>,
    /// The only trace that anybody asks for.
    wanted: Option<u128>,
}

#[derive(Debug)]
struct Followed {
    follower: Follower,
    /// Its file among those that are known.
    file: Option<u32>,
}

/// A store of SQLite, opened when it is first asked.
#[derive(Debug)]
struct Store {
    path: PathBuf,
    open: Option<rusqlite::Connection>,
}

#[derive(Debug, Default)]
struct Known {
    files: Vec<Arc<File>>,
    places: HashMap<u128, Vec<Place>>,
}

/// Where a line lies, and of which span it is.
#[derive(Clone, Copy, Debug)]
struct Place {
    span: u64,
    offset: u64,
    file: u32,
    length: u32,
}

/// What became of the files.
#[derive(Debug)]
pub(crate) enum News {
    /// A file is there, which is known by this number.
    Opened(u32, Arc<File>, PathBuf),
    /// It was read to here; these traces have events in what was read.
    Read(u32, u64, Vec<u128>),
    /// It was written anew.
    Cut(u32),
}

/// As much of an event as it is found by.
#[derive(Deserialize)]
struct Ids {
    event_name: String,
    trace_id: Option<genai_trace::TraceId>,
    span_id: Option<genai_trace::SpanId>,
}

impl Events {
    /// Only those of a trace, where it is `wanted`.
    pub(super) fn of(wanted: Option<u128>) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// Reads the events beside the traces file at `home`, and those that will be added to them.
    pub(super) fn follow(&self, home: &Path) {
        let live = beside(home);
        // However it is named.
        let folder = live
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let real = fs::canonicalize(folder)
            .map(|folder| folder.join(live.file_name().unwrap_or_default()));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.insert(real.unwrap_or_else(|_| live.clone())) {
            return;
        }
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let all = files::of(&live).unwrap_or_default();
        for rotated in all.iter().filter(|file| **file != live) {
            followed.extend(unpacked(rotated).map(Followed::of));
        }
        followed.push(Followed::of(Follower::new(live)));
    }

    /// Reads the events in this file, which messages call `name`, and those that will be added to them.
    pub(crate) fn follow_file(&self, file: Arc<File>, name: PathBuf) {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed.push(Followed::of(Follower::of_file(file, name)));
    }

    /// Asks a store of SQLite as well.
    pub(super) fn ask(&self, store: &Path) {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.push(Store {
            path: store.to_owned(),
            open: None,
        });
    }

    /// Reads what is new.
    pub(super) fn look(&self) -> Result<(), String> {
        self.look_and_tell(&mut |_| {})
    }

    /// Reads what is new, and tells of it. A file that cannot be read keeps nobody from the others.
    pub(crate) fn look_and_tell(&self, tell: &mut dyn FnMut(News)) -> Result<(), String> {
        let mut all = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut looked = Ok(());
        for followed in &mut *all {
            if let Err(error) = self.follow_on(followed, tell) {
                let path = followed.follower.path();
                looked = Err(format!("cannot read {path:?}: {error}"));
            }
        }
        looked
    }

    fn follow_on(&self, followed: &mut Followed, tell: &mut dyn FnMut(News)) -> io::Result<()> {
        loop {
            match followed.follower.step()? {
                Step::Idle | Step::Store => return Ok(()),
                Step::TooLong => {}
                Step::Opened(file) => {
                    let number = self.add(&file);
                    followed.file = Some(number);
                    let path = followed.follower.path().to_owned();
                    tell(News::Opened(number, file, path));
                }
                Step::Cut => {
                    if let Some(number) = followed.file {
                        self.forget(number);
                        tell(News::Cut(number));
                    }
                }
                Step::Lines { offset, bytes } => {
                    let Some(number) = followed.file else {
                        continue;
                    };
                    let traces = self.take(number, offset, &bytes);
                    let end = offset + u64::try_from(bytes.len()).unwrap_or(0);
                    tell(News::Read(number, end, traces));
                }
            }
        }
    }

    fn add(&self, file: &Arc<File>) -> u32 {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.files.push(Arc::clone(file));
        u32::try_from(known.files.len() - 1).unwrap_or(u32::MAX)
    }

    fn forget(&self, number: u32) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for places in known.places.values_mut() {
            places.retain(|place| place.file != number);
        }
    }

    fn take(&self, file: u32, offset: u64, bytes: &[u8]) -> Vec<u128> {
        let mut found: Vec<(u128, Place)> = Vec::new();
        for (start, line) in lines(bytes) {
            let Some((trace, span)) = ids(line) else {
                continue;
            };
            if self.wanted.is_some_and(|wanted| wanted != trace) {
                continue;
            }
            found.push((
                trace,
                Place {
                    span,
                    offset: offset + u64::try_from(start).unwrap_or(u64::MAX),
                    file,
                    length: u32::try_from(line.len()).unwrap_or(u32::MAX),
                },
            ));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for (trace, place) in &found {
            known.places.entry(*trace).or_default().push(*place);
        }
        let mut traces: Vec<u128> = found.into_iter().map(|(trace, _)| trace).collect();
        traces.dedup();
        traces
    }

    /// The events of the spans of a trace, or of `only` one of them, as if they stood there.
    pub(super) fn of_trace(
        &self,
        trace: u128,
        only: Option<u64>,
    ) -> Result<HashMap<u64, Vec<Event>>, String> {
        let mut events: HashMap<u64, Vec<Event>> = HashMap::new();
        let failed = |error: io::Error| format!("cannot read events: {error}");
        let places: Vec<(Arc<File>, Place)> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let places = known.places.get(&trace).into_iter().flatten();
            let places = places.filter(|place| only.is_none_or(|only| only == place.span));
            let file = |place: &Place| known.files.get(usize::try_from(place.file).ok()?).cloned();
            places
                .filter_map(|place| Some((file(place)?, *place)))
                .collect()
        };
        for (file, place) in places {
            let mut bytes = vec![0; usize::try_from(place.length).unwrap_or(0)];
            let read = read_at(&file, &mut bytes, place.offset).map_err(failed)?;
            bytes.truncate(read);
            if let Ok(record) = serde_json::from_slice(&bytes) {
                events.entry(place.span).or_default().push(event(record));
            }
        }
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        for store in &mut *stores {
            for (span, event) in store.events(trace, only)? {
                events.entry(span).or_default().push(event);
            }
        }
        Ok(events)
    }
}

impl Followed {
    const fn of(follower: Follower) -> Self {
        Self {
            follower,
            file: None,
        }
    }
}

/// The trace and the span of an event; none where it has none, or is kept elsewhere.
pub(crate) fn ids(line: &[u8]) -> Option<(u128, u64)> {
    let ids: Ids = serde_json::from_slice(line).ok()?;
    if ids.event_name == EVALUATION {
        return None;
    }
    let trace = u128::from_be_bytes(ids.trace_id?.to_bytes());
    Some((trace, u64::from_be_bytes(ids.span_id?.to_bytes())))
}

/// `traces.events.jsonl` of `traces.jsonl`, compressed or not.
pub(crate) fn beside(home: &Path) -> PathBuf {
    let scores = files::scores(home);
    let name = scores.file_name().unwrap_or_default().to_string_lossy();
    // The last one: the file may be called scores itself.
    let name = match name.rsplit_once(".scores") {
        Some((front, ending)) => format!("{front}.events{ending}"),
        None => name.into_owned(),
    };
    scores.with_file_name(name)
}

/// A file that will not grow; one that is compressed by way of a copy.
fn unpacked(path: &Path) -> Option<Follower> {
    let mut copy = Scratch::new().ok()?;
    io::copy(&mut files::open(path).ok()?, &mut copy).ok()?;
    Some(Follower::of_file(copy.file(), path.to_owned()))
}

/// A record as an event of its span, whose attributes hold no structure.
fn event(record: LogRecord) -> Event {
    let attributes = record.attributes.into_iter();
    let attributes: Attributes = attributes
        .map(|(key, value)| {
            let value = match value {
                Json::Object(_) => Value::String(value.to_string()),
                other => serde_json::from_value(other.clone())
                    .unwrap_or_else(|_| Value::String(other.to_string())),
            };
            (key, value)
        })
        .collect();
    Event {
        name: record.event_name,
        time_unix_nano: record.time_unix_nano,
        attributes,
    }
}

impl Store {
    /// The events of a trace, or of `only` one of its spans, that are no events on the spans.
    fn events(&mut self, trace: u128, only: Option<u64>) -> Result<Vec<(u64, Event)>, String> {
        let path = &self.path;
        let store = match self.open.take() {
            Some(open) => open,
            None => sqlite::open(path).map_err(|error| format!("cannot read {path:?}: {error}"))?,
        };
        let read = read_store(self.open.insert(store), trace, only);
        read.map_err(|error| format!("cannot read {path:?}: {error}"))
    }
}

fn read_store(
    store: &rusqlite::Connection,
    trace: u128,
    only: Option<u64>,
) -> Result<Vec<(u64, Event)>, rusqlite::Error> {
    let id = format!("{trace:032x}");
    // Those of one span are found by both ids, which is what the index has.
    let (first, last) = match only {
        Some(span) => (format!("{span:016x}"), format!("{span:016x}")),
        None => ("0".repeat(16), "f".repeat(16)),
    };
    let mut query = store.prepare_cached(
        "SELECT name, time_unix_nano, trace_id, span_id, attributes FROM events \
         WHERE trace_id = ?1 AND span_id BETWEEN ?3 AND ?4 AND NOT is_on_span AND name <> ?2 ORDER BY id",
    )?;
    let mut rows = query.query([id.as_str(), EVALUATION, &first, &last])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let span: String = row.get("span_id")?;
        let record = serde_json::from_value(event_in(row)?);
        if let (Ok(span), Ok(record)) = (u64::from_str_radix(&span, 16), record) {
            found.push((span, event(record)));
        }
    }
    Ok(found)
}
