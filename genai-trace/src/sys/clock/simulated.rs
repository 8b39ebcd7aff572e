//! Hours of machines that tests make up: counters that drift, sleep and jump, and wall clocks that
//! are set.

use std::cell::Cell;
use std::rc::Rc;

use super::anchor::Anchor;
use super::cache::LineCache;
use super::clocks::Clocks;
use super::steering::Steering;

const MILLIS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLIS;
const HOUR: u64 = 3_600 * SECOND;
/// How often the drain thread renews the line.
const ROUND: u64 = 50 * MILLIS;
/// All is as it should be again with the first round after a sleep, a jump or a wall clock that was
/// set.
const AFTER_A_JUMP: u64 = 1;
/// And after so many where the counter goes at another rate.
const AFTER_A_RATE: u64 = 3;
/// What reading a clock takes.
const READING: u64 = 25;
/// Each so manieth reading the thread loses its processor.
const UNLUCKY: u64 = 997;

/// A machine, in true nanoseconds. What goes on for hours is kept as a whole and a fraction.
struct Machine {
    counter: Cell<f64>,
    /// Ticks a nanosecond.
    frequency: Cell<f64>,
    monotonic: Cell<f64>,
    /// What the monotonic clock makes of a nanosecond.
    slew: Cell<f64>,
    wall_began: Cell<u64>,
    wall: Cell<f64>,
    wall_slew: Cell<f64>,
    readings: Cell<u64>,
}

impl Machine {
    fn new() -> Rc<Self> {
        Rc::new(Self {
            counter: Cell::new(7e12),
            frequency: Cell::new(2.5),
            monotonic: Cell::new(5e9),
            slew: Cell::new(1.0),
            wall_began: Cell::new(1_790_000_000 * SECOND),
            wall: Cell::new(0.0),
            wall_slew: Cell::new(1.0),
            readings: Cell::new(0),
        })
    }

    fn pass(&self, nanos: u64) {
        let nanos = nanos as f64;
        self.counter
            .set(self.counter.get() + nanos * self.frequency.get());
        self.monotonic
            .set(self.monotonic.get() + nanos * self.slew.get());
        self.wall
            .set(self.wall.get() + nanos * self.wall_slew.get());
    }

    /// The machine sleeps, and the monotonic clock with it.
    fn sleep(&self, nanos: u64, does_the_counter: bool) {
        if !does_the_counter {
            let ticks = nanos as f64 * self.frequency.get();
            self.counter.set(self.counter.get() + ticks);
        }
        self.wall.set(self.wall.get() + nanos as f64);
    }

    fn read<T>(&self, clock: impl Fn() -> T) -> T {
        self.pass(READING / 2);
        let reading = clock();
        let readings = self.readings.get() + 1;
        self.readings.set(readings);
        let is_unlucky = readings.is_multiple_of(UNLUCKY);
        self.pass(if is_unlucky { MILLIS } else { READING / 2 });
        reading
    }
}

impl Clocks for Rc<Machine> {
    fn has_counter(&self) -> bool {
        true
    }

    fn ticks(&self) -> u64 {
        self.read(|| self.counter.get() as u64)
    }

    fn monotonic(&self) -> u64 {
        self.read(|| self.monotonic.get() as u64)
    }

    fn wall(&self) -> u64 {
        self.read(|| self.wall_began.get() + self.wall.get() as u64)
    }
}

/// A process on such a machine, which looks at every span that it makes.
struct Process {
    machine: Rc<Machine>,
    anchor: Anchor,
    steering: Steering<Rc<Machine>>,
    offset: i64,
    thread: LineCache,
    last: u64,
    /// Rounds that may still be wrong.
    unsettled: u64,
    /// A span that is open since it was last settled: the line and the monotonic clock then.
    long: Option<(u64, f64)>,
    /// How far the line has come from the monotonic clock since then.
    off: f64,
    worst_wall: u64,
    worst_duration: f64,
}

impl Process {
    fn start(machine: &Rc<Machine>) -> Self {
        let anchor = Anchor::new();
        let mut steering = Steering::start(Rc::clone(machine), &anchor);
        let offset = steering.steer(&anchor);
        Self {
            machine: Rc::clone(machine),
            anchor,
            steering,
            offset,
            thread: LineCache::new(),
            last: 0,
            unsettled: AFTER_A_RATE,
            long: None,
            off: 0.0,
            worst_wall: 0,
            worst_duration: 0.0,
        }
    }

    /// What a span reads.
    fn now(&mut self) -> u64 {
        let ticks = || self.machine.counter.get() as u64;
        let now = self.thread.read(&self.anchor, ticks);
        let now = now.unwrap_or_else(|| self.thread.renew(&self.anchor, ticks));
        assert!(now >= self.last, "back from {} to {now}", self.last);
        self.last = now;
        self.machine.pass(READING);
        now
    }

    /// A span of so many nanoseconds.
    fn span(&mut self, nanos: u64) {
        let machine = Rc::clone(&self.machine);
        let wall = machine.wall_began.get() + machine.wall.get() as u64;
        let monotonic = machine.monotonic.get();
        let start = self.now();
        machine.pass(nanos);
        let true_duration = machine.monotonic.get() - monotonic;
        let duration = (self.now() - start) as f64;
        if self.unsettled == 0 {
            let error = start.saturating_add_signed(self.offset).abs_diff(wall);
            self.worst_wall = self.worst_wall.max(error);
            // Of a short one the nanoseconds are whole ones.
            let error = ((duration - true_duration).abs() - 2.0).max(0.0) / true_duration;
            self.worst_duration = self.worst_duration.max(error);
        }
    }

    /// Runs for so long, with some spans in each round.
    fn run(&mut self, nanos: u64) {
        for _ in 0..nanos / ROUND {
            for length in [100, 10_000, MILLIS, 10 * MILLIS] {
                self.span(length);
            }
            self.half_a_round();
            self.half_a_round();
            self.round();
        }
    }

    fn half_a_round(&mut self) {
        self.machine.pass((ROUND - 12 * MILLIS) / 2);
    }

    /// What the drain thread does.
    fn round(&mut self) {
        self.offset = self.steering.steer(&self.anchor);
        self.unsettled = self.unsettled.saturating_sub(1);
        let monotonic = self.machine.monotonic.get();
        let now = self.now();
        if let Some((start, began)) = self.long
            && monotonic - began > SECOND as f64
        {
            let true_duration = monotonic - began;
            self.off = ((now - start) as f64 - true_duration).abs();
            self.worst_duration = self.worst_duration.max(self.off / true_duration);
        }
        if self.unsettled == 0 && self.long.is_none() {
            self.long = Some((now, monotonic));
        }
    }

    /// Something happens in the middle of a round that no clock can foresee.
    fn suddenly(&mut self, settling: u64, what: impl FnOnce(&Machine)) {
        self.span(MILLIS);
        self.half_a_round();
        what(&self.machine);
        self.unsettled = settling;
        self.long = None;
        self.span(MILLIS);
        self.half_a_round();
        self.round();
    }

    /// Says what the spans were, or fails where they were not as promised.
    fn check(&self) {
        let (wall, duration) = (self.worst_wall, self.worst_duration * 1e6);
        let off = self.off;
        println!(
            "worst start {wall} ns off, worst duration {duration:.1} ppm, {off} ns at the end"
        );
        assert!(wall < MILLIS, "a start is {wall} ns from the wall clock");
        assert!(duration < 1000.0, "a duration is wrong by {duration} ppm");
        assert_eq!(self.unsettled, 0);
    }
}

/// A process that has run for a minute before `what` happens, and runs for another after it.
fn after(settling: u64, what: impl FnOnce(&Machine)) {
    let machine = Machine::new();
    let mut process = Process::start(&machine);
    process.run(60 * SECOND);
    process.suddenly(settling, what);
    process.run(60 * SECOND);
    process.check();
    // The rate is known, and there is nothing that would have to be worked off.
    assert!(process.worst_duration < 10e-6, "{}", process.worst_duration);
}

#[test]
fn an_hour_on_a_quiet_machine_is_an_hour() {
    let mut process = Process::start(&Machine::new());
    process.run(HOUR);
    process.check();
}

#[test]
fn a_counter_that_drifts_is_followed() {
    let machine = Machine::new();
    let mut process = Process::start(&machine);
    for minute in 0..60 {
        // As the machine warms up and cools down.
        let parts = 100e-6 * f64::from(minute % 11 - 5) / 5.0;
        machine.frequency.set(2.5 * (1.0 + parts));
        process.run(60 * SECOND);
    }
    process.check();
    // What the line was off by after each change is worked off.
    assert!(process.off < 100_000.0, "{} ns", process.off);
}

#[test]
fn a_monotonic_clock_that_is_slewed_is_followed() {
    let machine = Machine::new();
    let mut process = Process::start(&machine);
    // The most that the kernel does.
    for parts in [500e-6, 0.0, -500e-6, 0.0] {
        machine.slew.set(1.0 + parts);
        machine.wall_slew.set(1.0 + parts);
        process.run(600 * SECOND);
    }
    process.check();
}

#[test]
fn a_rate_that_was_first_measured_one_percent_wrong_is_mended() {
    for frequency in [2.475, 2.525] {
        let machine = Machine::new();
        machine.frequency.set(frequency);
        let mut process = Process::start(&machine);
        machine.frequency.set(2.5);
        process.run(60 * SECOND);
        process.check();
    }
}

#[test]
fn a_machine_that_slept_while_its_counter_went_on_is_on_time_again() {
    for nanos in [10 * MILLIS, 10 * SECOND, 8 * HOUR] {
        after(AFTER_A_JUMP, |machine| machine.sleep(nanos, false));
    }
}

#[test]
fn a_machine_that_slept_and_its_counter_too_is_on_time_again() {
    for nanos in [10 * MILLIS, 10 * SECOND, 8 * HOUR] {
        after(AFTER_A_JUMP, |machine| machine.sleep(nanos, true));
    }
}

#[test]
fn a_counter_that_a_sleep_has_set_to_nothing_is_on_time_again() {
    after(AFTER_A_JUMP, |machine| {
        machine.sleep(HOUR, true);
        machine.counter.set(0.0);
    });
}

#[test]
fn a_machine_that_sleeps_again_and_again_is_on_time_again() {
    let machine = Machine::new();
    let mut process = Process::start(&machine);
    process.run(60 * SECOND);
    for _ in 0..5 {
        // Two in a row, which is not to be taken for a rate.
        process.suddenly(AFTER_A_JUMP, |machine| machine.sleep(HOUR, false));
        process.suddenly(AFTER_A_JUMP, |machine| machine.sleep(2 * HOUR, false));
        process.run(SECOND);
    }
    process.check();
}

#[test]
fn a_wall_clock_that_is_set_is_followed() {
    for by in [HOUR as i64, -(HOUR as i64), 3_000_000, -3_000_000] {
        after(AFTER_A_JUMP, |machine| {
            let began = machine.wall_began.get();
            machine.wall_began.set(began.saturating_add_signed(by));
        });
    }
}

#[test]
fn a_leap_second_that_is_smeared_over_a_day_is_followed() {
    for parts in [1.0 / 86_400.0, -1.0 / 86_400.0] {
        let machine = Machine::new();
        let mut process = Process::start(&machine);
        process.run(60 * SECOND);
        machine.wall_slew.set(1.0 + parts);
        process.run(HOUR);
        machine.wall_slew.set(1.0);
        process.run(60 * SECOND);
        process.check();
    }
}

#[test]
fn a_machine_that_moved_to_one_whose_counter_stands_elsewhere_is_on_time_again() {
    for by in [-7e12, -2.5e9, -2.5e6, 2.5e6, 2.5e9, 9e15] {
        after(AFTER_A_JUMP, |machine| {
            machine.counter.set(machine.counter.get() + by)
        });
    }
}

#[test]
fn a_machine_that_moved_to_one_whose_counter_goes_at_another_rate_is_on_time_again() {
    for frequency in [1.0, 2.495, 2.4975, 2.5025, 2.505, 3.0, 5.0] {
        after(AFTER_A_RATE, |machine| machine.frequency.set(frequency));
        after(AFTER_A_RATE, |machine| {
            machine.frequency.set(frequency);
            machine.counter.set(1e6);
        });
    }
}
