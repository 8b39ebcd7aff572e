//! What waits to be sent, between the exporter, which never waits for the backend but at a flush, and the thread
//! that sends.

use std::collections::VecDeque;
use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::losses::Losses;
use super::parcel::{Namer, Parcel};
use super::request::{Gathered, Item};
use super::settings::Batches;
use super::signal::Signal;
use super::spool::{Claimed, Oldest, Spool};
use super::work::{Delivery, Pause, Work};
use crate::export::ExportError;

/// Bytes of a request: servers of gRPC refuse more than 4 MiB, and a little comes to what is counted.
const REQUEST_BYTES: usize = 4_000_000;
/// How often the folder is looked at for what other processes have left there.
const LOOK_AROUND: Duration = Duration::from_secs(30);
/// How soon that is where another process is at what waits there: it may end any moment.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What waits to be sent.
pub(super) struct Line {
    state: Mutex<State>,
    changed: Condvar,
    signal: Signal,
    batches: Batches,
    spool: Option<Spool>,
    namer: Namer,
}

#[derive(Default)]
struct State {
    gathered: Gathered,
    /// When the first of them came.
    since: Option<Instant>,
    waiting: VecDeque<Arc<Parcel>>,
    waiting_items: u64,
    /// What the sender works on.
    in_hand: Option<Source>,
    /// Holds the lock of the file to which what is in hand was copied at the end.
    copy: Option<File>,
    /// Something may wait on disk.
    may_be_spooled: bool,
    /// When to look for what other processes have left.
    look_around: Option<Instant>,
    is_down: bool,
    /// How often the backend could not be reached.
    failures: u64,
    /// A flush waits: no pause of our own now.
    hurry: bool,
    stop: bool,
    losses: Losses,
}

/// Where what is in hand comes from.
#[derive(Clone)]
enum Source {
    Memory(Arc<Parcel>),
    Disk,
}

impl Line {
    pub(super) fn new(signal: Signal, batches: Batches, spool: Option<Spool>) -> Self {
        Self {
            state: Mutex::new(State {
                // A flush waits until the sender has looked: an earlier process may have left something.
                may_be_spooled: spool.is_some(),
                ..State::default()
            }),
            changed: Condvar::new(),
            signal,
            batches,
            spool,
            namer: Namer::new(signal),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, until: Instant) -> MutexGuard<'a, State> {
        let left = until.saturating_duration_since(Instant::now());
        self.changed
            .wait_timeout(state, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Whether an earlier process has left something.
    pub(super) fn has_spooled(&self) -> bool {
        self.spool.as_ref().is_some_and(Spool::has_any)
    }

    /// Gathers items, and leaves requests that are full for the sender.
    pub(super) fn add(&self, items: &mut dyn Iterator<Item = Item<'_>>) {
        let mut state = self.lock();
        for item in items {
            if state.gathered.bytes() + item.body.len() > REQUEST_BYTES {
                self.seal(&mut state);
            }
            state.since.get_or_insert_with(Instant::now);
            state.gathered.add(item);
            if state.gathered.len() >= self.batches.items {
                self.seal(&mut state);
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Makes a request of what was gathered.
    fn seal(&self, state: &mut State) {
        state.since = None;
        if state.gathered.len() == 0 {
            return;
        }
        let parcel = self.namer.parcel(&state.gathered.take());
        let is_full = || {
            let queue = u64::try_from(self.batches.queue).unwrap_or(u64::MAX);
            state.waiting_items.saturating_add(parcel.items) > queue
        };
        if (state.is_down || is_full()) && self.put(state, &parcel) {
            return;
        }
        state.push_back(parcel);
        self.make_room(state);
    }

    /// Drops the oldest where more waits in memory than may.
    fn make_room(&self, state: &mut State) {
        let queue = u64::try_from(self.batches.queue).unwrap_or(u64::MAX);
        while state.waiting.len() > 1 && state.waiting_items > queue {
            let Some(oldest) = state.pop_front() else {
                return;
            };
            state
                .losses
                .lose(oldest.items, self.signal.queue_was_full());
        }
    }

    /// Puts a parcel on disk; whether it is there.
    fn put(&self, state: &mut State, parcel: &Parcel) -> bool {
        let Some(spool) = &self.spool else {
            return false;
        };
        match spool.put(parcel) {
            Ok(put) => {
                state.may_be_spooled = true;
                self.count_evicted(state, put.evicted);
                true
            }
            Err(error) => {
                let (items, folder) = (self.signal.items(), spool.folder());
                state
                    .losses
                    .note(format_args!("cannot keep {items} in {folder:?}: {error}"));
                false
            }
        }
    }

    fn count_evicted(&self, state: &mut State, evicted: Vec<(String, u64)>) {
        for (name, items) in evicted {
            let cause = "more waits on disk than may: the oldest went";
            // What an earlier process has left is not in this one's report.
            let ours = if self.namer.is_ours(&name) { items } else { 0 };
            state.losses.lose(ours, cause);
        }
    }

    /// Waits for something to send; none at the end.
    pub(super) fn next(&self, mut pause: Option<Pause>) -> Option<Work> {
        let mut state = self.lock();
        loop {
            if state.stop {
                return None;
            }
            let now = Instant::now();
            let due = state.since.map(|since| since + self.batches.delay);
            if due.is_some_and(|due| due <= now) {
                self.seal(&mut state);
                continue;
            }
            if state.look_around.is_none_or(|time| time <= now) {
                state.look_around = Some(now + LOOK_AROUND);
                state.may_be_spooled = self.spool.is_some();
            }
            pause = pause.filter(|pause| pause.until > now && (pause.is_asked_for || !state.hurry));
            if pause.is_none() {
                state.hurry = false;
                if let Some(work) = self.take(&mut state) {
                    return Some(work);
                }
                // A flush may wait for just that.
                self.changed.notify_all();
            }
            let look_around = state.look_around.unwrap_or(now);
            let wake = pause.map_or(look_around, |pause| pause.until);
            state = self.wait(state, due.map_or(wake, |due| due.min(wake)));
        }
    }

    /// Takes what waits longest, in memory or on disk.
    fn take(&self, state: &mut State) -> Option<Work> {
        let first = state.waiting.front().map(|parcel| parcel.name.clone());
        if let Some(spool) = self.spool.as_ref().filter(|_| state.may_be_spooled) {
            let oldest = spool.oldest_name();
            state.may_be_spooled = oldest.is_some();
            let is_older = oldest.is_some_and(|oldest| first.is_none_or(|first| oldest < first));
            if is_older {
                if let Some(claimed) = claim(spool, state) {
                    state.in_hand = Some(Source::Disk);
                    return Some(Work::Disk(claimed));
                }
                // Others are at it.
                state.may_be_spooled = false;
                state.look_around = Some(Instant::now() + LOOK_AGAIN);
            }
        }
        let parcel = state.pop_front()?;
        state.in_hand = Some(Source::Memory(Arc::clone(&parcel)));
        Some(Work::Memory(parcel))
    }

    /// Whether no more is to be sent.
    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stop
    }

    /// Books what became of what was in hand.
    pub(super) fn settle(&self, work: Work, delivery: Delivery) {
        let mut state = self.lock();
        let is_ours = self.namer.is_ours(&work.parcel().name);
        for (items, cause) in delivery.refused {
            state.losses.lose(if is_ours { items } else { 0 }, cause);
        }
        if let Some(cause) = delivery.cause {
            state.failures += 1;
            if !state.is_down {
                state.is_down = true;
                let items = self.signal.items();
                match &self.spool {
                    Some(spool) => {
                        let folder = spool.folder();
                        let news = format_args!("{cause}: {items} wait in {folder:?}");
                        state.losses.note(news);
                    }
                    None => state
                        .losses
                        .note(format_args!("{cause}: {items} wait in memory")),
                }
            }
        } else if delivery.left.is_empty() {
            state.is_down = false;
        }
        self.keep(&mut state, work, delivery.left);
        state.in_hand = None;
        drop(state);
        self.changed.notify_all();
    }

    /// Keeps what is left of what was in hand, and with a backend that is down all that waits in memory.
    fn keep(&self, state: &mut State, work: Work, left: Vec<Parcel>) {
        let is_whole = matches!(left.as_slice(), [one] if one.name == work.parcel().name);
        let copy = state.copy.take();
        match work {
            Work::Disk(_) if is_whole => {}
            Work::Memory(_) if is_whole && copy.is_some() => {}
            Work::Disk(claimed) => {
                let is_kept = left.iter().all(|parcel| self.put(state, parcel));
                // What cannot be kept in parts stays whole.
                if is_kept && let Err(error) = claimed.remove() {
                    state
                        .losses
                        .note(format_args!("cannot remove what was sent: {error}"));
                }
            }
            Work::Memory(parcel) => {
                for parcel in left.into_iter().rev() {
                    state.push_front(parcel);
                }
                if copy.is_some()
                    && let Some(spool) = &self.spool
                    && let Err(error) = spool.remove(&parcel.name)
                {
                    state
                        .losses
                        .note(format_args!("cannot remove what was sent: {error}"));
                }
            }
        }
        if state.is_down || state.stop {
            self.put_all(state);
        }
        self.make_room(state);
    }

    /// Puts on disk what waits in memory, as far as there is room.
    fn put_all(&self, state: &mut State) {
        while let Some(parcel) = state.pop_front() {
            if !self.put(state, &parcel) {
                state.waiting_items += parcel.items;
                state.waiting.push_front(parcel);
                return;
            }
        }
    }

    /// Has all sent that was gathered and that waits, and waits for that at most so long: until the backend has it,
    /// or could not be reached and all waits on disk.
    pub(super) fn flush(&self, patience: Duration) {
        self.settle_down(patience, |state, failures| state.failures > failures);
    }

    /// What waits goes to the disk, where the next start finds it, and nothing more is sent; what is being sent is
    /// waited for so long, since what a backend has half taken would come twice. Where nothing can be kept on disk it
    /// is all tried again and again for so long.
    pub(super) fn end(&self, patience: Duration) {
        let until = Instant::now() + patience;
        if self.spool.is_none() {
            self.settle_down(patience, |_, _| false);
        }
        let mut state = self.lock();
        self.seal(&mut state);
        state.stop = true;
        self.put_all(&mut state);
        self.changed.notify_all();
        while self.spool.is_some() && state.in_hand.is_some() && Instant::now() < until {
            state = self.wait(state, until);
        }
        let left = std::mem::take(&mut state.waiting);
        let lost = left.iter().map(|parcel| parcel.items).sum();
        state.waiting_items = 0;
        let cause = "the backend had not taken all when telemetry was shut down";
        if lost > 0 {
            state.losses.lose(lost, cause);
        }
        if let Some(Source::Memory(parcel)) = state.in_hand.clone() {
            let put = self
                .spool
                .as_ref()
                .and_then(|spool| spool.put(&parcel).ok());
            match put {
                Some(put) => {
                    state.copy = Some(put.lock);
                    self.count_evicted(&mut state, put.evicted);
                }
                None => state.losses.lose(parcel.items, cause),
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    fn settle_down(&self, patience: Duration, is_enough: impl Fn(&State, u64) -> bool) {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        self.seal(&mut state);
        let failures = state.failures;
        state.hurry = true;
        self.changed.notify_all();
        while state.in_hand.is_some() || !state.waiting.is_empty() || state.has_backlog() {
            if Instant::now() >= until || (state.in_hand.is_none() && is_enough(&state, failures)) {
                return;
            }
            state = self.wait(state, until);
        }
    }

    /// What was lost since this was asked last.
    pub(super) fn report(&self) -> Result<(), ExportError> {
        self.lock().losses.report()
    }
}

/// What waits longest on disk, and nobody else is sending.
fn claim(spool: &Spool, state: &mut State) -> Option<Claimed> {
    loop {
        match spool.oldest()? {
            Oldest::Parcel(claimed) => return Some(claimed),
            Oldest::Torn(path) => {
                let news = format_args!("{path:?} is torn: it is passed over");
                state.losses.note(news);
            }
        }
    }
}

impl State {
    /// Whether something waits on disk that the backend could take.
    const fn has_backlog(&self) -> bool {
        self.may_be_spooled && !self.is_down
    }

    fn push_back(&mut self, parcel: Parcel) {
        self.waiting_items += parcel.items;
        self.waiting.push_back(Arc::new(parcel));
    }

    fn push_front(&mut self, parcel: Parcel) {
        self.waiting_items += parcel.items;
        self.waiting.push_front(Arc::new(parcel));
    }

    fn pop_front(&mut self) -> Option<Arc<Parcel>> {
        let parcel = self.waiting.pop_front()?;
        self.waiting_items = self.waiting_items.saturating_sub(parcel.items);
        Some(parcel)
    }
}
