//! A process exits, or panics.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::time::Duration;

use genai_trace::{ExportError, SpanBatch, SpanExporter, Telemetry};

use crate::{Hanging, LONG, init, say, say_step};

static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();

pub fn run(case: &str) -> bool {
    match case {
        "exit" => {
            let _telemetry = init();
            say_step();
            std::process::exit(3);
        }
        "exit_on_a_thread" => {
            let _telemetry = init();
            say_step();
            let thread = std::thread::spawn(|| {
                say_step();
                std::process::exit(3);
            });
            let _ = thread.join();
        }
        "exit_while_others_record" => exit_while_others_record(),
        "leaked" => {
            let telemetry = init();
            say_step();
            std::mem::forget(telemetry);
        }
        "boxed" => {
            let telemetry: &'static Telemetry = Box::leak(Box::new(init()));
            say_step();
            say(&format!("metrics {}", telemetry.metrics_text().len()));
        }
        "static" => {
            TELEMETRY.get_or_init(init);
            say_step();
        }
        "dropped_then_exit" => {
            let telemetry = init();
            say_step();
            drop(telemetry);
            std::process::exit(3);
        }
        "exit_with_a_hanging_exporter" => {
            let _telemetry = hanging();
            say_step();
            std::process::exit(3);
        }
        "drop_with_a_hanging_exporter" => {
            let _telemetry = hanging();
            say_step();
        }
        "exit_in_an_exporter" => {
            let _telemetry = Telemetry::builder()
                .exporter(Exiting)
                // Longer than the watchdog has patience.
                .flush_timeout(LONG * 4)
                .install()
                .expect("telemetry");
            let _ = crate::step();
            loop {
                std::thread::park();
            }
        }
        "exit_in_a_panic_hook" => {
            TELEMETRY.get_or_init(init);
            std::panic::set_hook(Box::new(|_| {
                say_step();
                std::process::exit(4);
            }));
            say_step();
            panic!("the end");
        }
        "flush_in_a_panic_hook" => {
            hook_that_flushes();
            say_step();
            let caught = std::panic::catch_unwind(|| {
                genai_trace::span("panicking").run(|| panic!("not the end"))
            });
            assert!(caught.is_err());
            // Nothing but the hook has flushed.
            std::process::abort();
        }
        "panic_is_abort" => {
            // With `panic = "abort"` the hook runs and the process aborts: no drop, no exit.
            hook_that_flushes();
            let flushes = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                flushes(info);
                std::process::abort();
            }));
            say_step();
            panic!("the end");
        }
        "panic_in_main" => {
            let telemetry = init();
            let _flushes = FlushesOnDrop(telemetry);
            say_step();
            panic!("the end");
        }
        "flush_in_a_drop_while_unwinding" => {
            let telemetry = init();
            let caught = std::panic::catch_unwind(move || {
                let _flushes = FlushesOnDrop(telemetry);
                say_step();
                panic!("not the end");
            });
            assert!(caught.is_err());
        }
        "flush_at_thread_end" => flush_at_thread_end(),
        "flush_at_the_end_of_main" => {
            TELEMETRY.get_or_init(init);
            AT_THREAD_END.with(|flushes| *flushes.borrow_mut() = Some(AtThreadEnd));
            say_step();
        }
        "atexit_after_init" => {
            TELEMETRY.get_or_init(init);
            at_exit(record_and_flush);
            say_step();
        }
        "atexit_before_init" => {
            at_exit(record_and_flush);
            TELEMETRY.get_or_init(init);
            say_step();
        }
        "atexit_drops_the_guard" => {
            static GUARD: std::sync::Mutex<Option<Telemetry>> = std::sync::Mutex::new(None);
            extern "C" fn drop_guard() {
                *GUARD.lock().expect("a guard") = None;
            }
            at_exit(drop_guard);
            *GUARD.lock().expect("a guard") = Some(init());
            say_step();
        }
        _ => return false,
    }
    true
}

fn hanging() -> Telemetry {
    Telemetry::builder()
        .exporter(Hanging)
        .flush_timeout(Duration::from_millis(200))
        .install()
        .expect("telemetry")
}

fn exit_while_others_record() {
    let _telemetry = init();
    for _ in 0..4 {
        std::thread::spawn(|| {
            loop {
                let _ = crate::step();
            }
        });
    }
    std::thread::sleep(Duration::from_millis(20));
    say_step();
    std::process::exit(3);
}

fn hook_that_flushes() {
    TELEMETRY.get_or_init(init);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        if let Some(telemetry) = TELEMETRY.get() {
            let report = telemetry.flush(LONG);
            say(&format!("report {report}"));
        }
    }));
}

struct FlushesOnDrop(Telemetry);

impl Drop for FlushesOnDrop {
    fn drop(&mut self) {
        say_step();
        let report = self.0.flush(LONG);
        say(&format!("complete {}", report.complete));
    }
}

/// Ends the process from the thread that writes.
struct Exiting;

impl SpanExporter for Exiting {
    fn name(&self) -> &str {
        "exiting"
    }

    fn export(&mut self, batch: &SpanBatch<'_>) -> Result<(), ExportError> {
        if !batch.is_empty() {
            // An exporter may be annotated itself; the exit finds the thread's locals gone.
            assert_eq!(crate::step(), None);
            std::process::exit(3);
        }
        Ok(())
    }
}

struct AtThreadEnd;

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        say_step();
        if let Some(telemetry) = TELEMETRY.get() {
            say(&format!("complete {}", telemetry.flush(LONG).complete));
        }
    }
}

thread_local! {
    static AT_THREAD_END: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
}

fn flush_at_thread_end() {
    TELEMETRY.get_or_init(init);
    // Of the destructors of a thread's locals, those that were set first run last: one of these runs
    // after the recorder's own local is gone, the other one before.
    let early = std::thread::spawn(|| {
        AT_THREAD_END.with(|flushes| *flushes.borrow_mut() = Some(AtThreadEnd));
        say_step();
    });
    let late = std::thread::spawn(|| {
        say_step();
        AT_THREAD_END.with(|flushes| *flushes.borrow_mut() = Some(AtThreadEnd));
    });
    early.join().expect("a thread");
    late.join().expect("a thread");
}

extern "C" fn record_and_flush() {
    say_step();
    if let Some(telemetry) = TELEMETRY.get() {
        say(&format!("complete {}", telemetry.flush(LONG).complete));
        say(&format!("metrics {}", telemetry.metrics_text().len() > 100));
    }
}

fn at_exit(work: extern "C" fn()) {
    // SAFETY: a function for the whole life of the process.
    #[allow(unsafe_code)]
    let registered = unsafe { libc::atexit(work) };
    assert_eq!(registered, 0);
}
