//! Processes that are copies of this one.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often the line from the first process to this one was forked.
static FORKS: AtomicU32 = AtomicU32::new(0);
static WORK: OnceLock<Work> = OnceLock::new();

/// The process that owns something. What a parent of the process that asks has made may be locked by
/// threads that are not here.
///
/// Forks count from the first [`watch`] on; other systems than Unix have none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(u32);

impl Process {
    /// The process that asks.
    #[inline]
    pub(crate) fn this() -> Self {
        Self(FORKS.load(Ordering::Relaxed))
    }

    /// Whether it is the process that asks, and not a parent of it.
    #[inline]
    pub(crate) fn is_this(self) -> bool {
        self.0 == FORKS.load(Ordering::Relaxed)
    }
}

/// What is to be done around a fork, on the thread that forks.
#[derive(Debug)]
pub(crate) struct Work {
    /// Before: what it locks is locked by none of the threads that the child does not have.
    pub(crate) before: fn(),
    /// After it, in the parent.
    pub(crate) in_parent: fn(),
    /// After it, in the child: this runs before anything else, and should neither allocate nor wait.
    pub(crate) in_child: fn(),
}

/// Has `work` done around every fork by C's `fork`. What is said first holds for the process and
/// its children. A child that is made to run another program (`posix_spawn`, `vfork`) is none of it.
///
/// # Errors
/// As [`watch`].
pub(crate) fn at_fork(work: Work) -> io::Result<()> {
    // A second one is the first again.
    let _ = WORK.set(work);
    watch()
}

/// Counts forks from now on.
///
/// # Errors
/// There is no memory to note it.
#[cfg(unix)]
pub(crate) fn watch() -> io::Result<()> {
    static WATCHED: OnceLock<i32> = OnceLock::new();
    let error = WATCHED.get_or_init(|| {
        // SAFETY: the three are functions for the whole life of the process, and let no panic out; in the
        // child they store, and make plain system calls.
        #[allow(unsafe_code)]
        unsafe {
            libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child))
        }
    });
    match error {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(*error)),
    }
}

/// Other systems have nothing to count.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub(crate) fn watch() -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
extern "C" fn before() {
    work(|work| work.before);
}

#[cfg(unix)]
extern "C" fn in_parent() {
    work(|work| work.in_parent);
}

#[cfg(unix)]
extern "C" fn in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    super::forked::let_go_of_files();
    work(|work| work.in_child);
}

#[cfg(unix)]
fn work(which: fn(&Work) -> fn()) {
    if let Some(work) = WORK.get() {
        // C knows no panics.
        let _ = std::panic::catch_unwind(which(work));
    }
}
