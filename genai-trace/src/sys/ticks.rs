//! The cheapest counter of time that this machine has.

#[cfg(target_arch = "x86_64")]
use std::{fs::File, io::Read, sync::OnceLock};

/// Whether the processor's time stamp counter may be trusted: it ticks at one rate on all cores
/// and never stops. The kernel checks that itself and says so by using it as its own clock.
#[cfg(target_arch = "x86_64")]
fn counter_is_steady() -> bool {
    static STEADY: OnceLock<bool> = OnceLock::new();
    *STEADY.get_or_init(|| {
        let mut name = [0; 8];
        File::open("/sys/devices/system/clocksource/clocksource0/current_clocksource")
            .and_then(|mut source| source.read(&mut name))
            .is_ok_and(|len| {
                name.get(..len)
                    .is_some_and(|name| name.trim_ascii() == b"tsc")
            })
    })
}

/// Where readings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The time stamp counter: 10 ns a reading, rate unknown beforehand.
    #[cfg(target_arch = "x86_64")]
    Counter,
    /// The monotonic clock of the standard library, in nanoseconds: 25 ns a reading.
    Std,
}

impl Source {
    /// The best source of this machine.
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if counter_is_steady() {
            return Source::Counter;
        }
        Source::Std
    }

    /// A reading, in ticks of this source.
    #[inline]
    pub(crate) fn read(self) -> u64 {
        match self {
            #[cfg(target_arch = "x86_64")]
            Source::Counter => counter(),
            Source::Std => std_nanos(),
        }
    }
}

/// The time stamp counter. A processor that runs ahead may take it some dozen cycles before or after
/// what stands beside it.
#[cfg(target_arch = "x86_64")]
#[inline]
#[allow(unsafe_code)]
pub(crate) fn counter() -> u64 {
    // SAFETY: `_rdtsc` reads a register; every x86-64 processor has it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Nanoseconds of the monotonic clock, since it was first asked.
pub(crate) fn std_nanos() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(ORIGIN.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
