//! A process is told by a signal to end. It says `ready` when the test may send it.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use genai_trace::{Builder, Telemetry};

use crate::{Hanging, LONG, init, say, say_step};

static ASKED: AtomicBool = AtomicBool::new(false);

pub fn run(case: &str) -> bool {
    // A shell has what it runs in the background ignore it.
    default(libc::SIGINT);
    match case {
        "signals" => {
            let _telemetry = watching();
            say_step();
            say("ready");
            std::thread::sleep(LONG);
        }
        "signals_unwatched" => {
            let _telemetry = init();
            say("ready");
            std::thread::sleep(LONG);
        }
        "signals_with_a_hanging_exporter" => {
            let _telemetry = hanging(Duration::from_millis(300));
            say_step();
            say("ready");
            std::thread::sleep(LONG);
        }
        "signals_twice" => {
            let _telemetry = hanging(LONG * 2);
            say_step();
            say("ready");
            std::thread::sleep(LONG);
        }
        "signals_after_the_guard" => {
            drop(watching());
            say("ready");
            std::thread::sleep(LONG);
        }
        "signals_ignored" => {
            ignore(libc::SIGINT);
            let _telemetry = watching();
            say_step();
            say("ready");
            std::thread::sleep(Duration::from_millis(300));
            say_step();
        }
        "signals_handled_before" => {
            handle(libc::SIGTERM);
            let _telemetry = watching();
            go_on_until_asked();
        }
        "signals_handled_after" => {
            let _telemetry = watching();
            handle(libc::SIGTERM);
            go_on_until_asked();
        }
        "signals_on_tokio_before" | "signals_on_tokio_after" => tokio(case.ends_with("before")),
        "signals_in_a_child" => signals_in_a_child(),
        "signals_taken_by_a_thread" => taken_by_a_thread(),
        _ => return false,
    }
    true
}

fn watching() -> Telemetry {
    Builder::from_env()
        .and_then(|builder| builder.signals().install())
        .expect("telemetry")
}

fn hanging(timeout: Duration) -> Telemetry {
    Telemetry::builder()
        .exporter(Hanging)
        .flush_timeout(timeout)
        .signals()
        .install()
        .expect("telemetry")
}

/// What a program does that ends in its own way.
fn go_on_until_asked() {
    say_step();
    say("ready");
    wait_until(|| ASKED.load(Ordering::SeqCst));
    // The flush beside it has the time to do harm.
    std::thread::sleep(Duration::from_millis(300));
    say_step();
    std::process::exit(7);
}

fn wait_until(mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < LONG, "no signal came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Handles a signal by hand, as C does.
fn handle(signal: c_int) {
    extern "C" fn asked(_: c_int) {
        ASKED.store(true, Ordering::SeqCst);
    }
    // SAFETY: the handler stores an atomic.
    #[allow(unsafe_code)]
    let before = unsafe { libc::signal(signal, asked as extern "C" fn(c_int) as usize) };
    assert_ne!(before, libc::SIG_ERR);
}

fn default(signal: c_int) {
    // SAFETY: no handler is set.
    #[allow(unsafe_code)]
    let before = unsafe { libc::signal(signal, libc::SIG_DFL) };
    assert_ne!(before, libc::SIG_ERR);
}

fn ignore(signal: c_int) {
    // SAFETY: no handler is set.
    #[allow(unsafe_code)]
    let before = unsafe { libc::signal(signal, libc::SIG_IGN) };
    assert_ne!(before, libc::SIG_ERR);
}

fn tokio(before: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let telemetry = (!before).then(watching);
        let mut terminations = signal(SignalKind::terminate()).expect("a signal");
        let _telemetry = telemetry.unwrap_or_else(watching);
        say_step();
        say("ready");
        terminations.recv().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        say_step();
        std::process::exit(7);
    });
}

/// The child dies of its signal, and neither it nor its parent's telemetry is touched by that.
fn signals_in_a_child() {
    let _telemetry = watching();
    say_step();
    let child = crate::forks::fork(|| {
        say("child");
        std::thread::sleep(LONG);
        0
    });
    crate::forks::kill(child, libc::SIGTERM);
    let status = crate::forks::wait(child);
    say(&format!("signal {}", libc::WTERMSIG(status)));
    say_step();
}

/// A thread takes the signals, as crates for them have it, and flushes.
fn taken_by_a_thread() {
    // SAFETY: the set is filled here, and every thread that follows inherits the mask.
    #[allow(unsafe_code)]
    let set = unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGTERM);
        assert_eq!(
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()),
            0
        );
        set
    };
    let telemetry = init();
    say_step();
    say("ready");
    let thread = std::thread::spawn(move || {
        let mut signal = 0;
        // SAFETY: both point to locals.
        #[allow(unsafe_code)]
        let waited = unsafe { libc::sigwait(&raw const set, &raw mut signal) };
        assert_eq!((waited, signal), (0, libc::SIGTERM));
        say_step();
        let report = telemetry.flush(LONG);
        say(&format!("report {report}"));
        // Nothing but the flush has written them.
        std::process::abort();
    });
    let _ = thread.join();
}
