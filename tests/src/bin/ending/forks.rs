//! A process forks. Children say `child ID` of the spans that they record themselves.

use std::ffi::c_int;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use genai_trace::{Telemetry, current, genai_agent, genai_tool, span};

use crate::{LONG, init, say, say_step, step};

pub fn run(case: &str) -> bool {
    match case {
        "fork_and_stay_silent" => fork_and_stay_silent(),
        "fork_inside_a_span" => fork_inside_a_span(),
        "fork_beside_an_exposition" => fork_beside_an_exposition(),
        "fork_and_record" => fork_and_record(),
        "fork_and_drop_the_guard" => fork_and_drop_the_guard(),
        "fork_and_return_from_main" => fork_and_return_from_main(),
        "fork_in_a_fork" => fork_in_a_fork(),
        "fork_with_handles" => fork_with_handles(),
        "fork_from_many_threads" => fork_from_many_threads(),
        "fork_during_flushes" => fork_during_flushes(),
        "fork_beside_a_store" => fork_beside_a_store(),
        "fork_while_callsites_register" => fork_while_callsites_register(),
        _ => return false,
    }
    true
}

/// Forks; the child does `work` and is gone with what that returns, with neither drop nor exit.
pub fn fork(work: impl FnOnce() -> i32) -> c_int {
    // SAFETY: the child does what this crate promises a child may do.
    #[allow(unsafe_code)]
    match unsafe { libc::fork() } {
        -1 => panic!("no fork: {}", std::io::Error::last_os_error()),
        0 => {
            let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            unsafe { libc::_exit(code.unwrap_or(99)) }
        }
        child => child,
    }
}

/// Leaves by C's `exit`, whose handlers run.
fn exit(code: i32) -> ! {
    // SAFETY: ends the process.
    #[allow(unsafe_code)]
    unsafe {
        libc::exit(code)
    }
}

/// Waits for a child, and kills one that hangs.
pub fn wait(child: c_int) -> c_int {
    let began = Instant::now();
    loop {
        let mut status = 0;
        // SAFETY: the status is a local.
        #[allow(unsafe_code)]
        let waited = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
        if waited == child {
            return status;
        }
        if began.elapsed() > LONG {
            kill(child, libc::SIGKILL);
            panic!("a forked child hangs");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub fn kill(child: c_int, signal: c_int) {
    // SAFETY: sends a signal.
    #[allow(unsafe_code)]
    let sent = unsafe { libc::kill(child, signal) };
    assert_eq!(sent, 0);
}

fn expect(child: c_int, code: i32) {
    let status = wait(child);
    assert!(
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == code,
        "a child ended with {status:#x}, not {code}"
    );
}

/// Spans of a child with telemetry of its own.
fn child_records(spans: usize) {
    for _ in 0..spans {
        match step() {
            Some(id) => say(&format!("child {id}")),
            None => panic!("the child records nothing"),
        }
    }
}

/// What a child finds that does nothing about telemetry.
fn is_silent() -> bool {
    step().is_none() && current().span_id().is_none() && !current().is_recording()
}

fn fork_and_stay_silent() {
    let telemetry = init();
    say_step();
    let child = fork(|| {
        assert!(is_silent());
        assert_eq!(telemetry.metrics_text(), "");
        assert_eq!(telemetry.flush(LONG).to_string(), "0 spans ended");
        5
    });
    expect(child, 5);
    // By `exit`, with the exit handlers that the child has inherited.
    let child = fork(|| {
        assert!(is_silent());
        exit(6)
    });
    expect(child, 6);
    say_step();
}

#[genai_agent("coder")]
fn agent(ids: &mut Vec<String>) -> Option<c_int> {
    ids.push(current().span_id()?.to_string());
    let child = fork(|| {
        assert!(is_silent());
        span("of the child").run(|| assert!(is_silent()));
        // The parent's span is given up, and what ends inside it leaves nothing.
        let telemetry = init();
        child_records(2);
        drop(telemetry);
        0
    });
    Some(child)
}

fn fork_inside_a_span() {
    let _telemetry = init();
    let mut ids = Vec::new();
    let child = agent(&mut ids);
    expect(child.unwrap_or(0), 0);
    ids.iter().for_each(|id| say(&format!("span {id}")));
    // The child comes out of the span that it was forked in, and ends in the end.
    let forked = span("left by two").run(|| {
        // SAFETY: the child does what this crate promises a child may do.
        #[allow(unsafe_code)]
        let forked = unsafe { libc::fork() };
        if forked != 0 {
            say(&format!("span {}", current().span_id().expect("a span")));
        }
        forked
    });
    if forked == 0 {
        assert!(is_silent());
        exit(0);
    }
    expect(forked, 0);
}

/// Forks inside a tool again and again, while another thread asks for metrics and open spans.
fn fork_beside_an_exposition() {
    let telemetry = init();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                telemetry.metrics_text();
                telemetry.open_spans();
            }
        });
        fork_in_tools(500);
        is_over.store(true, Ordering::Relaxed);
    });
}

#[genai_agent("coder")]
fn fork_in_tools(times: usize) {
    for _ in 0..times {
        fork_in_a_tool();
    }
}

#[genai_tool("read_file")]
fn fork_in_a_tool() {
    // SAFETY: the child does nothing.
    #[allow(unsafe_code)]
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        // SAFETY: it ends at once, without the handlers of its parent.
        #[allow(unsafe_code)]
        unsafe {
            libc::_exit(0)
        }
    }
    expect(forked, 0);
}

fn fork_and_record() {
    let telemetry = init();
    say_step();
    let child = fork(|| {
        let own = init();
        child_records(3);
        let report = own.shutdown(LONG);
        assert_eq!(report.ended, 3, "{report}");
        0
    });
    expect(child, 0);
    // Its guard leaked: the exit writes what it has.
    let child = fork(|| {
        std::mem::forget(init());
        child_records(3);
        exit(0)
    });
    expect(child, 0);
    say_step();
    let report = telemetry.shutdown(LONG);
    assert_eq!(report.ended, 2, "{report}");
}

fn fork_and_drop_the_guard() {
    let telemetry = init();
    say_step();
    let mut telemetry = Some(telemetry);
    let child = fork(|| {
        drop(telemetry.take());
        assert!(is_silent());
        drop(init());
        8
    });
    expect(child, 8);
    say_step();
    assert!(telemetry.is_some());
}

/// Both leave `main` in the usual way.
fn fork_and_return_from_main() {
    let telemetry = init();
    say_step();
    // SAFETY: the child does what this crate promises a child may do.
    #[allow(unsafe_code)]
    let child = unsafe { libc::fork() };
    if child != 0 {
        expect(child, 0);
        say_step();
    }
    drop(telemetry);
}

fn fork_in_a_fork() {
    let _telemetry = init();
    say_step();
    let child = fork(|| {
        let own = init();
        child_records(1);
        let grandchild = fork(|| {
            assert!(is_silent());
            assert_eq!(own.metrics_text(), "");
            let own = init();
            child_records(1);
            drop(own);
            0
        });
        expect(grandchild, 0);
        child_records(1);
        drop(own);
        0
    });
    expect(child, 0);
    say_step();
}

/// A child has copies of handles, futures and open spans of the parent, and uses them.
fn fork_with_handles() {
    let telemetry = init();
    let mut open = span("open").start();
    let handle = open.handle();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // The mailbox is locked now and then when the fork comes.
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    handle.set("app.moment", &1);
                    let _ = handle.is_recording();
                }
            });
        }
        for _ in 0..50 {
            let mut future = Box::pin(genai_trace_tests::yield_once());
            let polled = span("polled").wrap(&mut future);
            let child = fork(|| {
                handle.set("app.child", &true);
                assert!(!handle.is_recording());
                handle.run(|| assert!(step().is_none()));
                genai_trace_tests::block_on(polled);
                let own = init();
                handle.run(|| child_records(1));
                open.set("app.child", &true);
                open.end();
                assert_eq!(own.shutdown(LONG).ended, 1);
                0
            });
            open = span("open").start();
            expect(child, 0);
        }
        stop.store(true, Ordering::Relaxed);
    });
    drop(telemetry);
}

/// Eight threads record while the main thread forks.
fn fork_from_many_threads() {
    let mut telemetry = Some(init());
    let stop = AtomicBool::new(false);
    let ids: Vec<Vec<String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut ids = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        ids.extend(step());
                        std::thread::sleep(Duration::from_micros(200));
                    }
                    ids
                })
            })
            .collect();
        for number in 0..50 {
            let child = match number % 5 {
                0 => fork(|| i32::from(!is_silent())),
                1 => fork(|| {
                    assert!(is_silent());
                    exit(0)
                }),
                2 => fork(|| {
                    let _ = telemetry.as_ref().map(|own| own.flush(LONG));
                    drop(telemetry.take());
                    exit(0)
                }),
                3 => fork(|| {
                    drop(telemetry.take());
                    let own = init();
                    child_records(2);
                    drop(own);
                    0
                }),
                _ => fork(|| {
                    std::mem::forget(init());
                    child_records(2);
                    exit(0)
                }),
            };
            // Another program meanwhile, which knows nothing of all this.
            let other = Command::new("true").status().expect("a program");
            assert!(other.success());
            expect(child, 0);
        }
        stop.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a thread"))
            .collect()
    });
    for id in ids.iter().flatten() {
        say(&format!("span {id}"));
    }
    let report = telemetry
        .map(|telemetry| telemetry.shutdown(LONG))
        .unwrap_or_default();
    say(&format!("report {report}"));
    assert!(!report.has_losses(), "{report}");
    let ended: usize = ids.iter().map(Vec::len).sum();
    assert_eq!(report.ended, ended as u64, "{report}");
}

/// The child finds no lock of a flush in its way.
fn fork_during_flushes() {
    let telemetry = init();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let _ = step();
                    let _ = telemetry.flush(LONG);
                    let _ = telemetry.metrics_text();
                }
            });
        }
        for _ in 0..50 {
            let child = fork(|| {
                assert_eq!(telemetry.flush(LONG).ended, 0);
                assert_eq!(telemetry.shutdown(LONG).ended, 0);
                assert_eq!(telemetry.metrics_text(), "");
                let own = init();
                child_records(1);
                let _ = own.flush(LONG);
                exit(0)
            });
            expect(child, 0);
        }
        stop.store(true, Ordering::Relaxed);
    });
    stays(&telemetry);
}

fn stays(telemetry: &Telemetry) {
    say_step();
    let report = telemetry.flush(LONG);
    assert!(!report.has_losses(), "{report}");
}

/// Threads call functions for the first time, and see labels for the first time, while the process
/// forks: the child may be the first to call them again.
fn fork_while_callsites_register() {
    let telemetry = init();
    macro_rules! functions {
        ($($name:ident)*) => {
            [$({
                #[genai_trace::genai_span]
                fn $name() -> usize { stringify!($name).len() }
                $name as fn() -> usize
            }),*]
        };
    }
    let functions = functions!(
        f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
        f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39
    );
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for (number, function) in functions.iter().enumerate() {
                    function();
                    for label in 0..20 {
                        span(format!("label {number} {label}")).run(|| {});
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
        }
        for _ in 0..30 {
            let child = fork(|| {
                let own = init();
                functions.iter().for_each(|function| {
                    function();
                });
                assert_eq!(own.shutdown(LONG).ended, 40);
                0
            });
            expect(child, 0);
        }
    });
    stays(&telemetry);
}

fn fork_beside_a_store() {
    let telemetry = init();
    say_step();
    assert!(telemetry.flush(LONG).complete);
    let child = fork(|| {
        assert!(is_silent());
        match genai_trace::init() {
            Ok(_) => 1,
            Err(error) => {
                say(&format!("refused: {error}"));
                assert!(is_silent());
                0
            }
        }
    });
    expect(child, 0);
    // By `exit`, with what the child has inherited of the store.
    let child = fork(|| exit(6));
    expect(child, 6);
    for _ in 0..100 {
        say_step();
    }
}
