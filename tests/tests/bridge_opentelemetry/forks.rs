//! A process forks beside threads that begin spans of OpenTelemetry in ours.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use genai_trace::bridge::opentelemetry::from_context;
use genai_trace::span;
use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
};

use crate::{Theirs, recorded};

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(60);

/// Forks; the child looks at a span of theirs, which takes the lock that their beginnings take.
fn child_that_looks(context: &Context) -> libc::c_int {
    // SAFETY: the child looks, and is gone.
    #[allow(unsafe_code)]
    match unsafe { libc::fork() } {
        0 => {
            let found = from_context(context).is_some();
            // SAFETY: ends the child without the handlers of its parent.
            #[allow(unsafe_code)]
            unsafe {
                libc::_exit(i32::from(!found))
            }
        }
        child => child,
    }
}

/// How a child has ended; one that hangs is killed.
fn ended(child: libc::c_int) -> Option<libc::c_int> {
    let began = Instant::now();
    let mut status = 0;
    while began.elapsed() < LONG {
        // SAFETY: the status is a local.
        #[allow(unsafe_code)]
        if unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == child {
            return Some(status);
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    // SAFETY: a signal to a child of this process.
    #[allow(unsafe_code)]
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, &raw mut status, 0);
    }
    None
}

#[test]
fn a_child_never_waits_for_a_span_that_another_thread_was_beginning() {
    let tracer = Theirs::new().tracer_below_ours();
    let theirs = SpanContext::new(
        TraceId::from(7),
        SpanId::from(8),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    let context = Context::new().with_remote_span_context(theirs);
    recorded(|| {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    span("outer").run(|| {
                        while !is_over.load(Ordering::Relaxed) {
                            drop(tracer.start("middle"));
                        }
                    });
                });
            }
            let all: Vec<_> = (0..300)
                .map(|_| ended(child_that_looks(&context)))
                .take_while(Option::is_some)
                .collect();
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(all, [Some(0); 300]);
        });
    });
}
