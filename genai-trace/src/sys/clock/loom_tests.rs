//! Every interleaving, and every value that the orderings allow a load to have.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p genai-trace --lib --release loom_`
//!
//! The counter is one that all processors see in one order, but that orders nothing beside it: what
//! the fences do is theirs. What no ordering can do is to keep a processor from taking a counter some
//! cycles early or late; two lines differ by far less than a nanosecond there.

use loom::sync::Arc;
use loom::thread;

use super::anchor::Anchor;
use super::cache::LineCache;
use super::line::{Line, SHIFT};
use super::sync::{AtomicU64, Ordering};

/// Nanoseconds a tick of the first line; of the second it is less, so that whoever goes on too long
/// on the first is back on the second.
const FIRST_RATE: u64 = 100 << SHIFT;
const SECOND_RATE: u64 = 1 << SHIFT;

struct World {
    anchor: Anchor,
    counter: AtomicU64,
}

impl World {
    /// A world in which the first line holds.
    fn new() -> Arc<Self> {
        let world = Self {
            anchor: Anchor::new(),
            counter: AtomicU64::new(1),
        };
        world.change(FIRST_RATE);
        Arc::new(world)
    }

    fn ticks(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    fn change(&self, rate: u64) {
        let next = |old: Line, ticks| Line {
            ticks,
            nanos: old.at(ticks).max(1),
            rate,
        };
        self.anchor.change(|| self.ticks(), next);
    }

    fn now(&self, thread: &LineCache) -> u64 {
        let now = thread.read(&self.anchor, || self.ticks());
        now.unwrap_or_else(|| thread.renew(&self.anchor, || self.ticks()))
    }
}

fn model(test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(test);
}

/// Renews the line on a thread of its own while `work` goes on on this one.
fn while_the_line_changes(work: impl Fn(&World) + Sync + Send + Copy + 'static) {
    model(move || {
        let world = World::new();
        let drain = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.change(SECOND_RATE))
        };
        work(&world);
        drain.join().unwrap();
    });
}

#[test]
fn loom_a_line_is_read_whole() {
    while_the_line_changes(|world| {
        let line = world.anchor.read(|| world.ticks()).line;
        match line.rate {
            FIRST_RATE => assert_eq!((line.ticks, line.nanos), (1, 1)),
            SECOND_RATE => assert!(line.ticks > 1 && line.nanos > 1),
            _ => panic!("{line:?}"),
        }
    });
}

#[test]
fn loom_no_reading_lies_beyond_the_end_of_its_line() {
    while_the_line_changes(|world| {
        let reading = world.anchor.read(|| world.ticks());
        let now = world.anchor.read(|| world.ticks());
        if reading.version != now.version {
            assert!(reading.ticks < now.line.ticks, "{reading:?} then {now:?}");
        }
    });
}

#[test]
fn loom_a_copied_line_is_left_when_it_has_ended() {
    model(|| {
        let world = World::new();
        let thread = LineCache::new();
        thread.renew(&world.anchor, || world.ticks());
        let drain = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.change(SECOND_RATE))
        };
        let copied = thread.read(&world.anchor, || world.ticks());
        let line = {
            drain.join().unwrap();
            world.anchor.read(|| world.ticks()).line
        };
        if let Some(now) = copied {
            assert!(now <= line.nanos, "{now} is beyond {line:?}");
        }
    });
}

#[test]
fn loom_what_a_thread_reads_never_steps_back() {
    while_the_line_changes(|world| {
        let thread = LineCache::new();
        let mut last = 0;
        for _ in 0..3 {
            let now = world.now(&thread);
            assert!(now >= last, "{last} then {now}");
            last = now;
        }
    });
}

#[test]
fn loom_what_one_thread_reads_is_not_before_what_it_knows_of_another() {
    model(|| {
        let world = World::new();
        let said = Arc::new(AtomicU64::new(0));
        let drain = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.change(SECOND_RATE))
        };
        let other = {
            let (world, said) = (Arc::clone(&world), Arc::clone(&said));
            thread::spawn(move || {
                let now = world.now(&LineCache::new());
                said.store(now, Ordering::Release);
            })
        };
        let before = said.load(Ordering::Acquire);
        let now = world.now(&LineCache::new());
        assert!(now >= before, "{before} then {now}");
        other.join().unwrap();
        drain.join().unwrap();
    });
}
