//! The one thread that takes entries from all ports and hands them to the exporters' queues. It
//! does no work of theirs and writes nothing, so nothing that they do can hold it up.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::thread;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::entries::Entries;
use super::own_thread;
use super::port::{Port, Taken};
use super::queue::{Job, Queue};
use super::survival::{Kept, Release};
use super::{Recorder, lock};
use crate::process::exemplars::ExemplarPicker;
use crate::process::{Due, Outgoing, Pipeline};
use crate::span::stack;
use crate::sys::clock;

/// A span is with its exporters after at most this long; 50 ms cost 0.1 % of a core when idle.
const INTERVAL: Duration = Duration::from_millis(50);
/// While threads end many spans rounds come so soon that each brings about so much: it is still in the
/// processor's caches then, and the exporters do not have to wait for more.
const ROUND_BYTES: u32 = 256 * 1024;
/// More is seldom in a buffer then; pages for twice as much are found beforehand.
const MOSTLY: usize = ROUND_BYTES as usize;
const SHORTEST_INTERVAL: Duration = Duration::from_micros(250);
/// They become at most so many times as long from one to the next: after a short pause threads go on as they
/// were, and would have to wake the drain thread.
const SLOWING: u32 = 2;
/// A thread that leaves so much for one round is busy: its next buffer is made ready.
const MUCH: usize = 64 * 1024;
/// The first rounds come sooner, since they mend the clock's rate.
const FIRST_INTERVALS: [Duration; 3] = [
    Duration::from_millis(1),
    Duration::from_millis(4),
    Duration::from_millis(16),
];
/// How soon to look again where no queue had room.
const RETRY: Duration = Duration::from_millis(1);
/// After so many rounds the drain thread looks whether the black box is there: once a second.
const ROUNDS_OF_A_LOOK: u32 = 20;
/// So long spans are taken one batch after the other, before traces that wait are looked at.
const LONGEST_TAKING: Duration = Duration::from_millis(50);
/// So much is taken at once before the exporters get it.
const BATCH_BYTES: usize = 1024 * 1024;
/// So many ports of threads that have ended wait for others.
const MOST_IDLE: usize = 256;

/// Starts the thread.
pub(super) fn start(recorder: Arc<Recorder>, pipeline: Pipeline) -> io::Result<()> {
    let wakeup = Arc::clone(&recorder.wakeup);
    let work = move || Drain::new(recorder, pipeline).run();
    let thread = own_thread::start("genai-trace-drain".to_owned(), Box::new(work))?;
    wakeup.belongs_to(thread);
    Ok(())
}

struct Drain {
    recorder: Arc<Recorder>,
    /// Which spans are kept, and who gets them.
    pipeline: Pipeline,
    /// What no queue had room for yet.
    outgoing: VecDeque<Outgoing>,
    /// What was taken and lies in the black box as well.
    kept: Kept,
    /// The port that comes first in this round: none is to be passed over for ever.
    first_port: usize,
    /// When spans came last, where the exporters have not been told of a pause since.
    brought: Option<Instant>,
    /// Bytes that this round has brought so far.
    taken: usize,
    /// Threads that have left much for this round.
    busy_ports: usize,
    /// Most bytes that one of them has left for a round so far.
    busiest: usize,
    /// Picks spans that stand for durations, where somebody looks at such.
    picker: ExemplarPicker,
    /// Something was said of the black box.
    warned: bool,
    rounds: u32,
}

/// How a round went.
enum Round {
    Done,
    /// No queue had room for all that there was.
    Full,
    Last,
}

impl Drain {
    fn new(recorder: Arc<Recorder>, pipeline: Pipeline) -> Self {
        Self {
            recorder,
            pipeline,
            outgoing: VecDeque::new(),
            kept: Kept::default(),
            first_port: 0,
            brought: None,
            taken: 0,
            busy_ports: 0,
            busiest: 0,
            picker: ExemplarPicker::default(),
            warned: false,
            rounds: 0,
        }
    }

    fn run(mut self) {
        stack::silence();
        let mut intervals = FIRST_INTERVALS.into_iter();
        let mut interval = INTERVAL;
        let mut before = Instant::now();
        loop {
            let wait = intervals.next().unwrap_or(interval);
            let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
            let due = clock::now().saturating_add(nanos);
            self.recorder.wakeup.comes_at(due);
            thread::park_timeout(wait);
            let began = Instant::now();
            let gap = began.duration_since(before);
            before = began;
            self.taken = 0;
            self.busy_ports = 0;
            interval = match self.round(began) {
                Round::Done => interval_for(self.taken, gap).min(interval * SLOWING),
                Round::Full => RETRY,
                Round::Last => return,
            };
        }
    }

    fn round(&mut self, began: Instant) -> Round {
        self.recorder.wakeup.reset();
        clock::steer();
        self.warn();
        let asked = *lock(&self.recorder.progress);
        // At shutdown the time that there is for it goes to the exporters; what they have not taken
        // by then is dropped and counted.
        let hurry = asked.stop && asked.stop_by.is_none_or(|by| began >= by);
        let due = match asked.asked > asked.done {
            _ if asked.stop => Due::Last,
            true => Due::Flush,
            false => Due::Round,
        };
        let round = match (self.drain(due, hurry), asked.stop) {
            (false, _) => Round::Full,
            (true, false) => Round::Done,
            (true, true) => Round::Last,
        };
        if asked.asked > asked.done && !matches!(round, Round::Full) {
            self.each_queue(|| Job::Flush {
                ticket: asked.asked,
                last: asked.stop,
                until: asked.until,
            });
            let mut progress = lock(&self.recorder.progress);
            progress.done = asked.asked;
            progress.stopped = asked.stop;
            self.recorder.progressed.notify_all();
        }
        let busy = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.recorder.busy.fetch_add(busy, Ordering::Relaxed);
        round
    }

    fn each_queue(&self, mut job: impl FnMut() -> Job) {
        for queue in &self.recorder.queues {
            queue.push(job());
        }
    }

    /// Takes what has ended from every port and hands it over, as long as a queue has room, or
    /// there is no more time to wait for room; whether that was all.
    fn drain(&mut self, due: Due, hurry: bool) -> bool {
        let last = due == Due::Last;
        let began = Instant::now();
        let mut brought = false;
        let mut went_round = false;
        loop {
            let (taken, is_all) = self.take_some(last, hurry);
            went_round |= is_all;
            if let Some(survival) = &self.recorder.survival {
                // Only now, so that no span in the file has ended later.
                survival.beat();
            }
            let spares = Arc::clone(&self.recorder.spares);
            let batch = Batch::of(taken, &spares, &mut self.kept);
            self.taken += batch.bytes();
            if !batch.is_empty() {
                let outgoing = self.pipeline.take(batch, clock::now());
                brought |= !outgoing.is_empty();
                if !self.hand_over(outgoing, hurry) {
                    return false;
                }
                // What threads have ended meanwhile comes with the next round: a thread that had to give
                // its buffer away after every few spans would hardly get on. Only a flush decides
                // traces by what has come so far, and looks whether more of them has.
                let is_enough = is_all && due == Due::Round;
                if !is_enough && (last || began.elapsed() < LONGEST_TAKING) {
                    continue;
                }
                if !is_enough {
                    // Threads that end spans without a pause must neither keep others' traces from being
                    // decided, nor a flush waiting that has all that had ended before it.
                    let is_settled = self.settle(due, hurry, &mut brought);
                    return is_settled && went_round && due == Due::Flush;
                }
            }
            let is_all = is_all && self.settle(due, hurry, &mut brought);
            self.retire_ports();
            let spares = &self.recorder.spares;
            spares.make_ready(self.busy_ports, self.busiest);
            if brought {
                self.brought = Some(Instant::now());
            } else if let Some(brought) = self.brought
                && (due != Due::Round || brought.elapsed() >= INTERVAL)
            {
                self.each_queue(|| Job::Pause);
                self.brought = None;
            }
            return is_all;
        }
    }

    /// Hands over what is due by now, of all that was taken; whether that was all.
    fn settle(&mut self, due: Due, hurry: bool, brought: &mut bool) -> bool {
        self.pipeline.end_round(due);
        loop {
            let outgoing = self.pipeline.settle(due, clock::now());
            let is_done = outgoing.is_empty();
            *brought |= !is_done;
            if !self.hand_over(outgoing, hurry) {
                return false;
            }
            if is_done {
                return true;
            }
        }
    }

    /// Gives spans to the exporters that are to get them, as long as a queue has room, and books
    /// what was left out; whether that was all.
    fn hand_over(&mut self, outgoing: Vec<Outgoing>, hurry: bool) -> bool {
        self.recorder.leave_out(self.pipeline.take_left_out());
        self.outgoing.extend(outgoing);
        self.kept.large.extend(self.pipeline.take_logs());
        while let Some(Outgoing { batch, to }) = self.outgoing.pop_front() {
            if !hurry && !has_room(&self.recorder.queues, batch.bytes()) {
                self.outgoing.push_front(Outgoing { batch, to });
                return false;
            }
            if self.recorder.exemplars.are_wanted() {
                let now = clock::now().saturating_add_signed(clock::offset());
                self.picker.pick(&batch, now, &self.recorder.exemplars);
            }
            let batch = Arc::new(batch);
            for (index, queue) in self.recorder.queues.iter().enumerate() {
                let is_passed_by = to.as_ref().and_then(|to| to.get(index)) == Some(&false);
                match is_passed_by {
                    true => queue.pass_by(&batch),
                    false => queue.push(Job::Export(Arc::clone(&batch))),
                }
            }
        }
        self.release();
        true
    }

    /// Has what lies in the black box released when the file has what was handed over so far.
    fn release(&mut self) {
        let kept = std::mem::take(&mut self.kept);
        if let Some(survival) = &self.recorder.survival
            && let Some(queue) = self.recorder.queues.get(survival.exporter)
            && !kept.is_empty()
        {
            queue.push(Job::Release(Release {
                kept,
                spares: Arc::clone(&self.recorder.spares),
                survival: Arc::clone(survival),
            }));
        }
    }

    /// Says once that the black box is full, or is no longer there.
    fn warn(&mut self) {
        let recorder = &self.recorder;
        let Some(survival) = recorder.survival.as_ref().filter(|_| !self.warned) else {
            return;
        };
        self.rounds += 1;
        let news = if recorder.pages.untracked() > 0 {
            "the black box is full"
        } else if self.rounds.is_multiple_of(ROUNDS_OF_A_LOOK) && !survival.is_in_place() {
            "the black box was removed"
        } else {
            return;
        };
        if let Some(queue) = recorder.queues.get(survival.exporter) {
            let news = format!("genai-trace: {news}: a crash takes spans along\n");
            queue.push(Job::Say(news));
        }
        self.warned = true;
    }

    /// Takes from ports until there is enough for a batch; whether no port has more.
    fn take_some(&mut self, last: bool, hurry: bool) -> (Vec<Taken>, bool) {
        let mut ports = lock(&self.recorder.ports);
        ports.closed |= last;
        let (mut all, mut bytes, mut is_all) = (Vec::new(), 0, true);
        let count = ports.open.len();
        for offset in 0..count {
            let index = (self.first_port + offset) % count;
            let Some(port) = ports.open.get(index) else {
                continue;
            };
            let waiting = port.waiting_bytes();
            if waiting > 0 {
                if bytes >= BATCH_BYTES {
                    self.first_port = index;
                    return (all, false);
                }
                if !hurry && !has_room(&self.recorder.queues, bytes + waiting) {
                    self.first_port = index;
                    is_all = false;
                    continue;
                }
                bytes += waiting;
                // A thread that has ended fills no other; one that takes its port over may.
                let mut spare = match Arc::strong_count(port) {
                    1 => self.recorder.spares.first(),
                    // Nor does any at the end.
                    _ if last => Entries::default(),
                    _ => self.recorder.spares.take(),
                };
                if waiting >= MUCH && !last {
                    self.busy_ports += 1;
                    self.busiest = self.busiest.max(waiting).min(2 * MOSTLY);
                    if self.busy_ports == 1 {
                        // The thread goes on meanwhile, and is to find room.
                        let room = self.recorder.buffer_bytes.saturating_sub(waiting);
                        spare.find_pages(waiting.min(room / 2).min(MOSTLY));
                    }
                }
                all.push(port.take(spare, last));
            } else if last {
                port.close();
            }
        }
        (all, is_all)
    }

    /// Has the ports of threads that have ended wait for others, or lets go of them; their metrics
    /// stay.
    fn retire_ports(&self) {
        let mut ports = lock(&self.recorder.ports);
        let ports = &mut *ports;
        let is_ended =
            |port: &mut Arc<Port>| Arc::strong_count(port) == 1 && port.waiting_bytes() == 0;
        for port in ports.open.extract_if(.., is_ended) {
            // Who takes the port over goes on with what its thread has counted.
            fence(Ordering::Acquire);
            let spares = &self.recorder.spares;
            if ports.idle.len() < MOST_IDLE {
                // What waits for a thread that may never come is small.
                spares.give(port.take_buffer(spares.first()));
                ports.idle.push(port);
                continue;
            }
            port.add_to(&mut ports.retired);
            spares.give(port.take_buffer(Entries::default()));
        }
    }
}

/// How long to wait for the next round, where this one brought so much in so much time.
fn interval_for(taken: usize, gap: Duration) -> Duration {
    let taken = u32::try_from(taken).unwrap_or(u32::MAX).max(1);
    let enough = gap.saturating_mul(ROUND_BYTES) / taken;
    enough.clamp(SHORTEST_INTERVAL, INTERVAL)
}

/// Whether some exporter can take so many bytes: the others must not wait for it.
fn has_room(queues: &[Arc<Queue>], bytes: usize) -> bool {
    queues.is_empty() || queues.iter().any(|queue| queue.has_room(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_come_the_sooner_the_more_they_bring_and_never_later_than_spans_are_due() {
        const ROUND: usize = ROUND_BYTES as usize;
        let gap = Duration::from_millis(10);
        assert_eq!(interval_for(0, gap), INTERVAL);
        assert_eq!(interval_for(ROUND / 100, gap), INTERVAL);
        assert_eq!(interval_for(ROUND, gap), gap);
        assert_eq!(interval_for(ROUND * 5, gap), gap / 5);
        assert_eq!(interval_for(ROUND * 1000, gap), SHORTEST_INTERVAL);
        assert_eq!(interval_for(usize::MAX, Duration::MAX), INTERVAL);
    }
}
