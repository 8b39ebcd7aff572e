//! What a crash has left in black boxes becomes lines of the traces file.

mod alive;
mod boxes;
mod contents;
mod spelling;
mod traces;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use self::boxes::{DeadBox, Found, Turn};
use self::contents::Contents;
pub(crate) use self::spelling::Spelling;
use self::traces::Traces;
use super::black_box::read::Unreadable;
use super::recovered::{RecoverError, Recovered};
use super::span_in_flight::SpanInFlight;
use crate::export::jsonl::LineWriter;
use crate::span::outcome::Outcome;

/// Lines are written in pieces of about this size.
const CHUNK_BYTES: usize = 128 * 1024;

/// Puts what crashed processes have left for the traces file at `path` into that file, each span once.
///
/// The black boxes lie in `path` with `.d` behind it. Those of processes that are alive are left
/// alone. Spans that had ended come first, by their end; those that were open follow with the outcome
/// [`crashed`](Outcome::Crashed) and an end that is the last moment at which their process is known to
/// have lived. A line that the crash has torn is taken off and written anew. Several processes may call
/// it at once, and it may itself be killed and called again.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("genai-trace-doc-recover-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let file = folder.join("traces.jsonl");
/// let recovered = genai_trace::recover(&file)?;
/// assert_eq!(recovered.to_string(), "0 finished and 0 open spans recovered from 0 black boxes");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The file or the folder cannot be read or written, a full disk for one. What is left stays in the
/// black boxes.
pub fn recover(path: impl AsRef<Path>) -> Result<Recovered, RecoverError> {
    let path = path.as_ref();
    let folder = folder_of(path);
    let in_folder = |source| RecoverError::Folder {
        path: folder.clone(),
        source,
    };
    let mut recovered = Recovered::default();
    let Some(turn) = Turn::take(&folder)? else {
        return Ok(recovered);
    };
    let Found { dead, alive, bad } = boxes::find(&folder).map_err(in_folder)?;
    recovered.alive = alive;
    recovered.bad = bad;
    if !dead.is_empty() {
        let traces = Traces::new(path);
        heal(&traces, &dead).map_err(|source| in_file(path, source))?;
        for dead in dead {
            settle(&traces, dead, &mut recovered)?;
        }
    }
    turn.end();
    Ok(recovered)
}

/// The folder of the black boxes that belong to the traces file at `path`.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    let mut folder = path.as_os_str().to_owned();
    folder.push(".d");
    PathBuf::from(folder)
}

/// What the processes have open at `now` whose black boxes lie in `folder`, in no order; boxes that
/// cannot be read are passed over.
pub(super) fn open_spans(folder: &Path, now: u64) -> io::Result<Vec<SpanInFlight>> {
    let mut open = Vec::new();
    for path in boxes::paths(folder)? {
        open.extend(alive::open_spans(&path, now).unwrap_or_default());
    }
    Ok(open)
}

fn in_file(path: &Path, source: io::Error) -> RecoverError {
    RecoverError::File {
        path: path.to_owned(),
        source,
    }
}

/// Sees to a last line without an end: one that will be written anew is taken off, any other is ended.
fn heal(traces: &Traces<'_>, dead: &[DeadBox]) -> io::Result<()> {
    let Some(torn) = traces.torn_line()? else {
        return Ok(());
    };
    let is_ours = match torn.key {
        // Too little of it to say anything.
        None => true,
        Some(key) => dead
            .iter()
            .any(|dead| Contents::read(dead).is_ok_and(|contents| contents.keys().contains(&key))),
    };
    traces.heal(&torn, is_ours)
}

/// Writes what one box holds and the file does not, and removes the box.
fn settle(
    traces: &Traces<'_>,
    dead: DeadBox,
    recovered: &mut Recovered,
) -> Result<(), RecoverError> {
    let in_box = |source| RecoverError::Folder {
        path: dead.path().to_owned(),
        source,
    };
    let contents = match Contents::read(&dead) {
        Ok(contents) => contents,
        Err(Unreadable::Unfinished) => {
            recovered.boxes += 1;
            return dead.remove().map_err(in_box);
        }
        Err(Unreadable::Bad(reason)) => {
            let kept = dead.keep_aside().map_err(in_box)?;
            recovered.bad.push((kept, reason));
            return Ok(());
        }
    };
    let keys = contents.keys();
    let mut seen = traces.search(&keys, contents.written(), contents.created())?;
    let there = seen.len();
    let mut lines = LineWriter::of_process(contents.spelling().resource().to_vec());
    let (mut chunk, mut items) = (Vec::new(), Vec::new());
    let (mut finished, mut open) = (0, 0);
    for span in contents.spans() {
        if !seen.insert(span.key()) {
            continue;
        }
        let view = contents
            .spelling()
            .view(span.header, span.items, &mut items);
        let start = chunk.len();
        lines.write(&view, &mut chunk);
        mend(&mut chunk, start);
        match span.header.outcome {
            Outcome::Crashed => open += 1,
            _ => finished += 1,
        }
        if chunk.len() >= CHUNK_BYTES {
            traces
                .append(&chunk)
                .map_err(|source| in_file(traces.path(), source))?;
            chunk.clear();
        }
    }
    traces
        .append(&chunk)
        .and_then(|()| traces.sync())
        .map_err(|source| in_file(traces.path(), source))?;
    recovered.finished += finished;
    recovered.open += open;
    recovered.already_there += u64::try_from(there).unwrap_or(u64::MAX);
    recovered.boxes += 1;
    match contents.fault() {
        None => dead.remove().map_err(in_box),
        Some(fault) => {
            let kept = dead.keep_aside().map_err(in_box)?;
            recovered.bad.push((kept, fault));
            Ok(())
        }
    }
}

/// Sees to it that the line from `start` on is text: in a box that is spoilt anything may stand for it.
fn mend(lines: &mut Vec<u8>, start: usize) {
    let line = lines.get(start..).unwrap_or_default();
    if let Cow::Owned(mended) = String::from_utf8_lossy(line) {
        lines.truncate(start);
        lines.extend_from_slice(mended.as_bytes());
    }
}

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
