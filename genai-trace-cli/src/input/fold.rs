//! Every line of all sources, read by as many threads as there are cores.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::blocks::{Block, Blocks, Part};
use super::ordered::Place;
use super::progress::Progress;
use super::sources::Source;
use super::turns::{Turn, Turns};
use crate::span::{LeftOut, PassedOver, fault};
use crate::text::visible;

/// More threads than this do not make reading faster: one cuts the blocks.
pub(super) const MOST_THREADS: usize = 16;

/// What reading has come across.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Lines that say something.
    pub(crate) lines: u64,
    /// Records of spans that had been counted.
    pub(crate) again: u64,
    /// Spans that have begun and not ended, as far as anybody says.
    pub(crate) open: u64,
    /// Lines that could not be read, by the place of their source.
    bad: BTreeMap<usize, Bad>,
    /// Spans that could not be read of lines in which there are others, by the place of their source.
    left_out: BTreeMap<usize, Bad>,
}

/// Of so many lines of a source that could not be read it is kept which they are, the first of them.
const MOST_NAMED: usize = 100;

/// What could not be read of a source.
#[derive(Debug, Default)]
struct Bad {
    count: u64,
    /// The first of the lines, in their order, with what is wrong with them where that is known.
    named: Vec<(u64, Option<String>)>,
}

impl Reading {
    /// Notes what was passed over of a line.
    pub(super) fn note(&mut self, source: usize, line: u64, bytes: &[u8], what: PassedOver) {
        match what {
            PassedOver::Nothing => {}
            PassedOver::Line => self.note_bad(source, line, bytes),
            PassedOver::Spans(left_out) => self.note_left_out(source, line, &left_out),
        }
    }

    fn note_bad(&mut self, source: usize, line: u64, bytes: &[u8]) {
        let bad = self.bad.entry(source).or_default();
        match bad.is_full_before(line) {
            // Of those that are named alone it is asked.
            true => bad.count += 1,
            false => bad.add(Bad::of(line, 1, fault(bytes))),
        }
    }

    /// Notes a line that is longer than lines are read.
    pub(super) fn note_too_long(&mut self, source: usize, line: u64) {
        let why = "it is longer than 64 MiB".to_owned();
        let bad = self.bad.entry(source).or_default();
        bad.add(Bad::of(line, 1, Some(why)));
    }

    fn note_left_out(&mut self, source: usize, line: u64, left_out: &LeftOut) {
        let why = left_out.why().map(str::to_owned);
        let of_source = self.left_out.entry(source).or_default();
        of_source.add(Bad::of(line, left_out.count, why));
    }

    pub(super) fn merge(&mut self, other: Reading) {
        self.lines += other.lines;
        self.again += other.again;
        self.open += other.open;
        for (source, bad) in other.bad {
            self.bad.entry(source).or_default().add(bad);
        }
        for (source, left_out) in other.left_out {
            self.left_out.entry(source).or_default().add(left_out);
        }
    }

    /// How many lines could not be read.
    pub(crate) fn bad_lines(&self) -> u64 {
        self.bad.values().map(|bad| bad.count).sum()
    }

    /// How many spans could not be read of lines in which there are others.
    pub(crate) fn bad_spans(&self) -> u64 {
        self.left_out.values().map(|left_out| left_out.count).sum()
    }

    /// The lines that could not be read, of each source the first, with what is wrong with them where that is known.
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = (Place, Option<&str>)> {
        self.bad.iter().flat_map(|(source, bad)| {
            let place = |line| Place {
                source: *source,
                line,
            };
            let named = bad.named.iter();
            named.map(move |(line, why)| (place(*line), why.as_deref()))
        })
    }

    /// What is said of what could not be read, a sentence for each source, and of spans that do not count.
    pub(crate) fn complaints(&self, sources: &[Source]) -> Vec<String> {
        let source = |place: &usize| sources.get(*place);
        let bad = self.bad.iter().filter_map(|(place, bad)| {
            let (source, first, why) = (source(place)?, bad.first(), bad.why());
            Some(match bad.count {
                1 => format!("{source}: line {first} is no span and was passed over{why}"),
                count => format!(
                    "{source}: {count} lines are no spans and were passed over, the first is line {first}{why}"
                ),
            })
        });
        let left_out = self.left_out.iter().filter_map(|(place, left_out)| {
            let (source, first, why) = (source(place)?, left_out.first(), left_out.why());
            Some(match left_out.count {
                1 => format!("{source}: a span in line {first} was passed over{why}"),
                count => format!(
                    "{source}: {count} spans were passed over in lines of OTLP, the first is in line {first}{why}"
                ),
            })
        });
        let bad = bad.chain(left_out);
        bad.chain(not_counted(self.again, self.open)).collect()
    }
}

impl Bad {
    fn of(line: u64, count: u64, why: Option<String>) -> Self {
        Self {
            count,
            named: vec![(line, why)],
        }
    }

    fn add(&mut self, other: Bad) {
        self.count += other.count;
        self.named.extend(other.named);
        // Mostly they come in their order.
        self.named.sort_by_key(|(line, _)| *line);
        self.named.truncate(MOST_NAMED);
    }

    /// Whether a line is none of those that are named.
    fn is_full_before(&self, line: u64) -> bool {
        let last = self.named.last().map_or(0, |(last, _)| *last);
        self.named.len() >= MOST_NAMED && last < line
    }

    fn first(&self) -> u64 {
        self.named.first().map_or(0, |(line, _)| *line)
    }

    /// What is wrong with the first, as it is said behind it.
    fn why(&self) -> String {
        let why = self.named.first().and_then(|(_, why)| why.as_ref());
        why.map_or_else(String::new, |why| format!(": {}", visible(why)))
    }
}

/// What is said of spans that stand in the files and do not count.
pub(crate) fn not_counted(again: u64, open: u64) -> impl Iterator<Item = String> {
    let again = match again {
        0 => None,
        1 => Some("1 span stands there again and counts once".to_owned()),
        spans => Some(format!("{spans} spans stand there again and count once")),
    };
    let open = match open {
        0 => None,
        1 => Some("1 span has begun and not ended, and counts in no sum".to_owned()),
        spans => Some(format!(
            "{spans} spans have begun and not ended, and count in no sum"
        )),
    };
    again.into_iter().chain(open)
}

/// The lines of a block, to be read once.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    block: &'a Block,
    reading: &'a mut Reading,
}

impl<'a> Lines<'a> {
    /// Shows `each` every line that says something; it says what was passed over of it.
    pub(crate) fn read(self, mut each: impl FnMut(&'a [u8]) -> PassedOver) {
        for (number, line) in self.block.lines() {
            self.reading.lines += 1;
            let passed_over = each(line);
            self.reading
                .note(self.block.source, number, line, passed_over);
        }
    }
}

/// Shows `each` every line of `sources`, on several threads, each with a value of its own that `make` has made; it says
/// what was passed over of the line. The values, in no order.
pub(crate) fn fold<A: Send>(
    sources: &[Source],
    make: impl Fn() -> A + Sync,
    each: impl Fn(&mut A, &[u8]) -> PassedOver + Sync,
) -> Result<(Vec<A>, Reading), String> {
    fold_blocks(sources, &make, &|value, _, lines| {
        lines.read(|line| each(value, line));
    })
}

/// Shows `each` the lines of every block of `sources` with the turn that it has in their order.
pub(crate) fn fold_in_turn<A: Send>(
    sources: &[Source],
    make: impl Fn() -> A + Sync,
    each: impl Fn(&mut A, Turn<'_>, Lines<'_>) + Sync,
) -> Result<(Vec<A>, Reading), String> {
    let turns = Turns::default();
    fold_blocks(sources, &make, &|value, number, lines| {
        each(value, turns.turn(number), lines);
    })
}

/// A block and its number, from 0 in the order of the sources.
type Numbered = (u64, Block);

fn fold_blocks<A: Send>(
    sources: &[Source],
    make: &(impl Fn() -> A + Sync),
    each: &(impl Fn(&mut A, u64, Lines<'_>) + Sync),
) -> Result<(Vec<A>, Reading), String> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    match threads.min(MOST_THREADS) {
        1 => fold_here(sources, make, each),
        threads => fold_on(threads, sources, make, each),
    }
}

fn fold_here<A>(
    sources: &[Source],
    make: &impl Fn() -> A,
    each: &impl Fn(&mut A, u64, Lines<'_>),
) -> Result<(Vec<A>, Reading), String> {
    let mut value = make();
    let mut reading = Reading::default();
    let mut seen = Reading::default();
    let mut number = 0;
    cut(sources, &mut reading, &mut |block| {
        let lines = Lines {
            block: &block,
            reading: &mut seen,
        };
        each(&mut value, number, lines);
        number += 1;
        true
    })?;
    reading.merge(seen);
    Ok((vec![value], reading))
}

fn fold_on<A: Send>(
    threads: usize,
    sources: &[Source],
    make: &(impl Fn() -> A + Sync),
    each: &(impl Fn(&mut A, u64, Lines<'_>) + Sync),
) -> Result<(Vec<A>, Reading), String> {
    let (sender, receiver) = sync_channel::<Numbered>(2 * threads);
    // It goes with the last worker, so that nobody waits for workers that have failed.
    let receiver = Arc::new(Mutex::new(receiver));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || work(&receiver, make(), each))
            })
            .collect();
        drop(receiver);
        let mut reading = Reading::default();
        let mut number = 0;
        let cut = cut(sources, &mut reading, &mut |block| {
            let is_sent = sender.send((number, block)).is_ok();
            number += 1;
            is_sent
        });
        drop(sender);
        let mut values = Vec::new();
        for worker in workers {
            let (value, seen) = worker
                .join()
                .map_err(|_| "a thread that reads has failed".to_owned())?;
            values.push(value);
            reading.merge(seen);
        }
        cut.map(|()| (values, reading))
    })
}

fn work<A>(
    receiver: &Mutex<Receiver<Numbered>>,
    mut value: A,
    each: &impl Fn(&mut A, u64, Lines<'_>),
) -> (A, Reading) {
    let mut reading = Reading::default();
    loop {
        let block = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok((number, block)) = block else {
            return (value, reading);
        };
        let lines = Lines {
            block: &block,
            reading: &mut reading,
        };
        each(&mut value, number, lines);
    }
}

/// Gives `take` the blocks of all sources, until it wants no more.
pub(super) fn cut(
    sources: &[Source],
    reading: &mut Reading,
    take: &mut dyn FnMut(Block) -> bool,
) -> Result<(), String> {
    let mut progress = Progress::of(sources);
    for (place, source) in sources.iter().enumerate() {
        let mut blocks = Blocks::new(place, source.open()?);
        let failed = |error: io::Error| format!("cannot read {source}: {error}");
        while let Some(part) = blocks.next().map_err(failed)? {
            match part {
                Part::TooLong(line) => reading.note_too_long(place, line),
                Part::Block(block) => {
                    progress.add(block.bytes.len());
                    if !take(block) {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_bad_lines_all_are_counted_and_the_first_are_named_whoever_has_read_them() {
        let (mut one, mut other) = (Reading::default(), Reading::default());
        for line in 1..=300 {
            let reading = if line % 2 == 0 { &mut one } else { &mut other };
            reading.note(0, line, b"torn", PassedOver::Line);
        }
        one.note_too_long(0, 17);
        other.note(1, 5, b"{\"start_time\":1}", PassedOver::Line);
        one.merge(other);
        assert_eq!(one.bad_lines(), 302);
        let named: Vec<_> = one.unreadable().collect();
        assert_eq!(named.len(), MOST_NAMED + 1);
        let line = |place: usize| named[place].0.line;
        assert_eq!((line(0), line(16), line(17), line(99)), (1, 17, 17, 99));
        let why = Some("it has no time at which it ended");
        let place = Place { source: 1, line: 5 };
        assert_eq!(named.last(), Some(&(place, why)));
    }
}
