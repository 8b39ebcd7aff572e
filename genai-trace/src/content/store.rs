//! Content is stored beside the traces, once, under the hash of what it says.

mod folder;
mod item;
mod queue;
mod report;
mod sink;

use std::collections::HashMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value;

use self::folder::Folder;
use self::queue::Queue;
pub use self::report::ContentStoreReport;
pub use self::sink::ContentSink;
use super::digest::{digits_of, reference_of};

/// Above so many bytes content is stored unless said.
const STORED_ABOVE: usize = 8 * 1024;
/// Most bytes that wait to be written.
const MOST_WAITING: usize = 32 * 1024 * 1024;
/// Most messages of a list; no context of a model has as many.
const MOST_ELEMENTS: usize = 100_000;

/// A store of content: what is large, or everything, is written to a folder under its SHA-256, and the
/// span has only the reference, as in `gen_ai.input.messages_ref`.
///
/// Each message of a list is stored for itself, and the list as references to them. So a history that
/// grows from call to call is stored once. A thread of the store's own writes: files appear whole, those
/// that are there are not written again, and several processes may share a folder. Where the thread does
/// not keep up, or nothing can be written, content is left out, said once, and counted.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("genai-trace-store-{}", std::process::id()));
/// use genai_trace::content::ContentStore;
/// use serde_json::json;
/// use std::time::Duration;
///
/// let store = ContentStore::folder(&folder);
/// let messages = json!([{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]);
/// let reference = store.put(&messages).expect("there is room");
/// assert!(store.flush(Duration::from_secs(5)));
/// assert_eq!(store.read(&reference)?, messages);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct ContentStore {
    place: Place,
    above: usize,
    most_waiting: usize,
    queue: Arc<OnceLock<Arc<Queue>>>,
}

/// Where content goes.
#[derive(Clone)]
enum Place {
    /// Into the folder of the traces file, once that is known.
    BesideTraces,
    Sink(Arc<dyn ContentSink>),
}

impl ContentStore {
    fn new(place: Place) -> Self {
        Self {
            place,
            above: STORED_ABOVE,
            most_waiting: MOST_WAITING,
            queue: Arc::default(),
        }
    }

    /// A store beside the traces file: for `traces.jsonl` in `traces.jsonl.d/content`.
    pub fn beside_traces() -> Self {
        Self::new(Place::BesideTraces)
    }

    /// A store in a folder, which is made when something is stored.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::sink(Folder::new(path.into()))
    }

    /// A store of your own: a bucket of an object store, a table.
    pub fn sink(sink: impl ContentSink) -> Self {
        Self::new(Place::Sink(Arc::new(sink)))
    }

    /// Stores what takes more bytes than this as JSON; 8,192 unless said. What is smaller stays on the span.
    pub fn above(mut self, bytes: usize) -> Self {
        self.above = bytes;
        self
    }

    /// Stores everything, however small.
    pub fn everything(mut self) -> Self {
        self.above = 0;
        self
    }

    /// With its folder, where that is beside the traces.
    pub(crate) fn beside(mut self, traces: Option<&Path>) -> Option<Self> {
        if let Place::BesideTraces = self.place {
            let mut folder = traces?.as_os_str().to_owned();
            folder.push(".d");
            let folder = Folder::new(PathBuf::from(folder).join("content"));
            self.place = Place::Sink(Arc::new(folder));
        }
        Some(self)
    }

    /// Whether so many bytes are stored.
    pub(crate) fn takes(&self, bytes: usize) -> bool {
        bytes > self.above
    }

    /// Leaves a value for the store's thread; its reference, `sha256:` and 64 hex digits. None where there
    /// is no room, which is counted. The elements of a list are stored one by one.
    pub fn put(&self, value: &Value) -> Option<String> {
        let queue = self.queue()?;
        match value {
            Value::Array(elements) => {
                let references: Option<Vec<_>> = elements
                    .iter()
                    .map(|element| queue.put(item::of_value(element)))
                    .collect();
                queue.put(item::of_list(&references?))
            }
            value => queue.put(item::of_whole(value)),
        }
    }

    /// Reads what is stored under a reference, a list with all its elements, and checks that it is what
    /// was stored.
    ///
    /// # Errors
    /// There is nothing under it, it cannot be read, or it is not what was stored.
    pub fn read(&self, reference: &str) -> io::Result<Value> {
        let Place::Sink(sink) = &self.place else {
            return Err(io::Error::new(
                ErrorKind::Unsupported,
                "the store lies beside the traces of telemetry that is not installed: use ContentStore::folder",
            ));
        };
        let value = checked(sink.as_ref(), reference)?;
        if let Some(value) = item::within(&value) {
            return Ok(value.clone());
        }
        let Some(references) = item::references(&value) else {
            return Ok(value);
        };
        if references.len() > MOST_ELEMENTS {
            return Err(invalid(reference, "a list of too many"));
        }
        let mut read: HashMap<&str, Value> = HashMap::new();
        let mut elements = Vec::with_capacity(references.len());
        for reference in references {
            let element = match read.get(reference) {
                Some(element) => element.clone(),
                None => checked(sink.as_ref(), reference)?,
            };
            read.entry(reference).or_insert_with(|| element.clone());
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    /// Waits until what was put before is written, within `deadline`; whether it was.
    pub fn flush(&self, deadline: Duration) -> bool {
        let until = Instant::now().checked_add(deadline);
        self.queue.get().is_none_or(|queue| queue.wait(until))
    }

    /// What became of what was put.
    pub fn report(&self) -> ContentStoreReport {
        self.queue
            .get()
            .map(|queue| queue.report())
            .unwrap_or_default()
    }

    /// The queue, whose thread starts with the first content.
    fn queue(&self) -> Option<&Arc<Queue>> {
        let Place::Sink(sink) = &self.place else {
            return None;
        };
        Some(
            self.queue
                .get_or_init(|| Queue::start(Arc::clone(sink), self.most_waiting)),
        )
    }
}

/// Reads what is stored, and compares its hash.
fn checked(sink: &dyn ContentSink, reference: &str) -> io::Result<Value> {
    if digits_of(reference).is_none() {
        return Err(invalid(
            reference,
            "no reference: expected sha256: and 64 hex digits",
        ));
    }
    let bytes = sink.get(reference)?;
    if reference_of(&bytes) != reference {
        return Err(invalid(reference, "not what was stored under it"));
    }
    serde_json::from_slice(&bytes).map_err(|error| invalid(reference, &error.to_string()))
}

fn invalid(reference: &str, what: &str) -> io::Error {
    let shown: String = reference.chars().take(80).collect();
    io::Error::new(ErrorKind::InvalidData, format!("{shown:?} is {what}"))
}

impl fmt::Debug for ContentStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentStore")
            .field("above", &self.above)
            .field("report", &self.report())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
