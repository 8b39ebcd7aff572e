//! SIGINT and SIGTERM, watched beside whoever else handles them.
//!
//! The handler writes a byte into a pipe and calls the handler that was there before; all else is
//! done by the thread that reads from the pipe. A crate for it would not do: once two watch through
//! it, none of them can see whether the signal is somebody's who means to go on.

use std::ffi::{c_int, c_void};
use std::io::{self, PipeReader, Read, pipe};
use std::os::fd::IntoRawFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};
use std::thread;

/// A signal that asks a program to end.
#[derive(Debug)]
pub(crate) struct Signal {
    number: c_int,
    /// The handler that was there before ours, for ours to call; null where there was none.
    before: AtomicPtr<libc::sigaction>,
    /// Its byte is in the pipe. No second one is written: the pipe never fills, and never waits.
    is_waiting: AtomicBool,
    /// The process is ending of it.
    is_ending: AtomicBool,
    /// Our handler was set. It is set once: whoever sets one after it may call ours.
    is_watched: AtomicBool,
}

static SIGNALS: [Signal; 2] = [Signal::new(libc::SIGINT), Signal::new(libc::SIGTERM)];
/// Where the handler writes to, and the process that reads there: a forked child has the pipe as
/// well, and must not end its parent.
static WRITER: AtomicI32 = AtomicI32::new(-1);
static READER: AtomicI32 = AtomicI32::new(-1);

/// What a signal does to the process where we do nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It ends the process.
    Ends,
    /// It is nothing to the process, which is the first one of its container.
    Nothing,
    /// The program handles it.
    Handled,
}

/// Signals as they come.
struct Incoming(PipeReader);

/// Has `work` done, on a thread of its own, about both signals from now on, unless they are ignored.
/// What is said first holds for the process, but not for its forked children.
///
/// # Errors
/// The system gives no thread, or no file descriptor.
pub(crate) fn watch(work: fn(&Signal)) -> io::Result<()> {
    if READER.load(Ordering::SeqCst) == process() {
        return Ok(());
    }
    let (reader, writer) = pipe()?;
    thread::Builder::new()
        .name("genai-trace-signals".to_owned())
        .spawn(move || Incoming(reader).for_each(work))?;
    // Never closed: the handler may run at any time.
    WRITER.store(writer.into_raw_fd(), Ordering::SeqCst);
    READER.store(process(), Ordering::SeqCst);
    SIGNALS.iter().try_for_each(Signal::watch)
}

impl Iterator for Incoming {
    type Item = &'static Signal;

    /// Waits for the next signal.
    fn next(&mut self) -> Option<&'static Signal> {
        let mut byte = [0];
        loop {
            match self.0.read(&mut byte) {
                Ok(1) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(_) | Err(_) => return None,
            }
            let [number] = byte.map(c_int::from);
            if let Some(signal) = find(number) {
                signal.is_waiting.store(false, Ordering::SeqCst);
                return Some(signal);
            }
        }
    }
}

impl Signal {
    const fn new(number: c_int) -> Self {
        Self {
            number,
            before: AtomicPtr::new(ptr::null_mut()),
            is_waiting: AtomicBool::new(false),
            is_ending: AtomicBool::new(false),
            is_watched: AtomicBool::new(false),
        }
    }

    /// What the signal does to the process at this moment, but for us.
    pub(crate) fn effect(&self) -> Effect {
        let Ok(now) = action(self.number) else {
            return Effect::Handled;
        };
        if now.sa_sigaction != address() || !self.before.load(Ordering::SeqCst).is_null() {
            Effect::Handled
        } else if process() == 1 {
            Effect::Nothing
        } else {
            Effect::Ends
        }
    }

    /// Ends the process, as the signal does by default.
    pub(crate) fn end_process(&self) {
        // SAFETY: these change what the signal does and whether this thread takes it, by values that are
        // filled in here; none of them keeps a pointer.
        #[allow(unsafe_code)]
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, self.number);
            libc::signal(self.number, libc::SIG_DFL);
            libc::raise(self.number);
            // Inside the handler this is what lets it come.
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
        }
    }

    fn watch(&self) -> io::Result<()> {
        self.is_waiting.store(false, Ordering::SeqCst);
        self.is_ending.store(false, Ordering::SeqCst);
        let before = action(self.number)?;
        if before.sa_sigaction == libc::SIG_IGN || self.is_watched.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        // The flags and the mask of who was here before: whether a read is interrupted is not ours to say.
        let mut ours = before;
        ours.sa_flags |= libc::SA_SIGINFO;
        ours.sa_sigaction = address();
        if before.sa_sigaction == libc::SIG_DFL {
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        } else {
            // For the rest of the process: the handler may be reading it at any time.
            let before = Box::into_raw(Box::new(before));
            self.before.store(before, Ordering::SeqCst);
        }
        // SAFETY: `ours` is a copy of what the system gave, with a handler that does nothing but what a
        // handler may: it loads and stores atomics, asks for the process, and calls `write`, `sigaction`,
        // `raise` and `pthread_sigmask`.
        #[allow(unsafe_code)]
        let set = unsafe { libc::sigaction(self.number, &raw const ours, ptr::null_mut()) };
        if set == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// What the handler does of its own.
    fn arrived(&self) {
        let is_ours = READER.load(Ordering::SeqCst) == process();
        let ends = self.effect() == Effect::Ends;
        if ends && (!is_ours || self.is_ending.swap(true, Ordering::SeqCst)) {
            // Nobody reads in a forked child; and who asks twice does not want to wait.
            self.end_process();
        } else if is_ours && !self.is_waiting.swap(true, Ordering::SeqCst) {
            let byte = [u8::try_from(self.number).unwrap_or(0)];
            // SAFETY: one byte from a local array goes to a pipe that is never closed.
            #[allow(unsafe_code)]
            unsafe {
                libc::write(WRITER.load(Ordering::SeqCst), byte.as_ptr().cast(), 1);
            }
        }
    }

    /// Calls the handler that was there before ours.
    fn call_before(&self, info: *mut libc::siginfo_t, context: *mut c_void) {
        let before = self.before.load(Ordering::SeqCst);
        // SAFETY: it is null or points to a value that is never freed and never changed. Its address is
        // neither SIG_DFL nor SIG_IGN, so it is that of a handler, of the kind that its flags say; it is
        // called as the system would have called it.
        #[allow(unsafe_code)]
        unsafe {
            let Some(before) = before.as_ref() else {
                return;
            };
            if before.sa_flags & libc::SA_SIGINFO == 0 {
                let handler: extern "C" fn(c_int) = std::mem::transmute(before.sa_sigaction);
                handler(self.number);
            } else {
                let handler: Handler = std::mem::transmute(before.sa_sigaction);
                handler(self.number, info, context);
            }
        }
    }
}

type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

extern "C" fn handler(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    if let Some(signal) = find(number) {
        signal.call_before(info, context);
        signal.arrived();
    }
}

/// Our handler's address, as the system keeps it.
fn address() -> libc::sighandler_t {
    handler as Handler as usize
}

fn find(number: c_int) -> Option<&'static Signal> {
    SIGNALS.iter().find(|signal| signal.number == number)
}

fn process() -> i32 {
    std::process::id().cast_signed()
}

/// What is done about a signal at this moment.
fn action(number: c_int) -> io::Result<libc::sigaction> {
    // SAFETY: a `sigaction` of zeros is a valid one, and the call fills it.
    #[allow(unsafe_code)]
    let (got, action) = unsafe {
        let mut action = std::mem::zeroed();
        let got = libc::sigaction(number, ptr::null(), &raw mut action);
        (got, action)
    };
    if got == 0 {
        Ok(action)
    } else {
        Err(io::Error::last_os_error())
    }
}
