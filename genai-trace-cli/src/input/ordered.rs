//! Every line of all sources, read by several threads and taken in order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::blocks::Block;
use super::fold::{MOST_THREADS, Reading, cut};
use super::sources::Source;
use crate::span::PassedOver;

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Which source, by its place.
    pub(crate) source: usize,
    /// From 1.
    pub(crate) line: u64,
}

/// What is made of the lines of a block.
struct Made<T> {
    values: Vec<T>,
    reading: Reading,
}

/// The number of a block and what was made of it; none where its thread has failed.
type Outcome<T> = (u64, Option<Made<T>>);

/// What is said where a thread has failed.
const FAILED: &str = "a thread that reads has failed";

/// Has `read` make values of every line of `sources`, on several threads, and gives them to `take` in the order of the
/// lines, until that wants no more. `read` says what was passed over of the line. Few blocks are under way at a time, however
/// slow one of them is.
pub(crate) fn in_order<T: Send>(
    sources: &[Source],
    read: impl Fn(Place, &[u8], &mut Vec<T>) -> PassedOver + Sync,
    mut take: impl FnMut(T) -> bool,
) -> Result<Reading, String> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(MOST_THREADS);
    let (blocks, to_read) = sync_channel::<(u64, Block)>(threads);
    let (made, to_take) = sync_channel::<Outcome<T>>(threads);
    // A ticket is taken for each block that is cut, and given back when it has been taken.
    let (ticket, back) = sync_channel::<()>(4 * threads);
    let to_read = Arc::new(Mutex::new(to_read));
    thread::scope(|scope| {
        let cutter = scope.spawn(move || {
            let mut reading = Reading::default();
            let mut number = 0;
            cut(sources, &mut reading, &mut |block| {
                let is_sent = ticket.send(()).is_ok() && blocks.send((number, block)).is_ok();
                number += 1;
                is_sent
            })
            .map(|()| reading)
        });
        for _ in 0..threads {
            let (to_read, made) = (Arc::clone(&to_read), made.clone());
            let read = &read;
            scope.spawn(move || work(&to_read, &made, read));
        }
        // Each end of a channel goes with the last who holds it, which is what the others end by.
        drop((to_read, made));
        let (to_take, back) = (to_take, back);
        let mut reading = Reading::default();
        let mut early: BTreeMap<u64, Made<T>> = BTreeMap::new();
        let mut next = 0;
        for (number, made) in &to_take {
            early.insert(number, made.ok_or(FAILED)?);
            while let Some(made) = early.remove(&next) {
                next += 1;
                reading.merge(made.reading);
                if !made.values.into_iter().all(&mut take) {
                    // Everybody ends where nobody takes any more.
                    return Ok(reading);
                }
                // Nobody waits for it once all is cut.
                let _ = back.recv();
            }
        }
        reading.merge(cutter.join().map_err(|_| FAILED)??);
        Ok(reading)
    })
}

fn work<T>(
    blocks: &Mutex<Receiver<(u64, Block)>>,
    made: &SyncSender<Outcome<T>>,
    read: &impl Fn(Place, &[u8], &mut Vec<T>) -> PassedOver,
) {
    loop {
        let block = blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, block)) = block else {
            return;
        };
        // Else everyone would wait for this block.
        let of_block = panic::catch_unwind(AssertUnwindSafe(|| of_block(&block, read))).ok();
        if made.send((number, of_block)).is_err() {
            return;
        }
    }
}

fn of_block<T>(block: &Block, read: &impl Fn(Place, &[u8], &mut Vec<T>) -> PassedOver) -> Made<T> {
    let mut values = Vec::new();
    let mut reading = Reading::default();
    let source = block.source;
    for (line, bytes) in block.lines() {
        reading.lines += 1;
        let passed_over = read(Place { source, line }, bytes, &mut values);
        reading.note(source, line, bytes, passed_over);
    }
    Made { values, reading }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn lines_come_in_their_order_with_where_they_stand() {
        let mut files = Vec::new();
        for file in 0..3 {
            let mut one = tempfile::NamedTempFile::new().unwrap();
            let lines =
                (1..=100_000).map(|line| format!("{file} {line} {}\n", "x".repeat(line % 90)));
            one.write_all(lines.collect::<String>().as_bytes()).unwrap();
            files.push(one);
        }
        let sources: Vec<_> = files
            .iter()
            .map(|file| Source::File(file.path().to_owned()))
            .collect();
        let mut taken = Vec::new();
        let reading = in_order(
            &sources,
            |place, line, values| {
                let text = String::from_utf8_lossy(line);
                let said = format!("{} {} ", place.source, place.line);
                values.push(place);
                match text.starts_with(&said) {
                    true => PassedOver::Nothing,
                    false => PassedOver::Line,
                }
            },
            |place| {
                taken.push(place);
                true
            },
        )
        .unwrap();
        assert_eq!((reading.lines, reading.bad_lines()), (300_000, 0));
        assert_eq!(taken.len(), 300_000);
        assert!(taken.is_sorted());
    }

    #[test]
    fn whoever_wants_no_more_gets_no_more() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let line = "x".repeat(1 << 20);
        for _ in 0..100 {
            writeln!(file, "{line}").unwrap();
        }
        let mut taken = Vec::new();
        let reading = in_order(
            &[Source::File(file.path().to_owned())],
            |place, _, values| {
                values.push(place.line);
                PassedOver::Nothing
            },
            |line| {
                taken.push(line);
                taken.len() < 3
            },
        )
        .unwrap();
        assert_eq!(taken, [1, 2, 3]);
        assert!(reading.lines < 100, "{}", reading.lines);
    }

    #[test]
    fn a_file_that_is_gone_is_an_error_that_names_it() {
        let sources = [Source::File("gone.jsonl".into())];
        let error = in_order(
            &sources,
            |_, _, _: &mut Vec<()>| PassedOver::Nothing,
            |()| true,
        )
        .unwrap_err();
        assert!(error.contains("gone.jsonl"), "{error}");
    }

    #[test]
    fn a_thread_that_fails_holds_nobody_up() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for _ in 0..100 {
            // A block each.
            writeln!(file, "{}", "x".repeat(1 << 20)).unwrap();
        }
        let sources = [Source::File(file.path().to_owned())];
        let read = |place: Place, _: &[u8], _: &mut Vec<()>| {
            assert!(place.line != 3, "line 3");
            PassedOver::Nothing
        };
        assert_eq!(in_order(&sources, read, |()| true).unwrap_err(), FAILED);
    }
}
