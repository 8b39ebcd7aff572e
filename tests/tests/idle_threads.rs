//! What threads that have ended leave behind: their places wait for others, and are small.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use genai_trace::{MemoryExporter, Telemetry, genai_tool};

struct Counting;

/// Bytes that were asked for and not given back.
static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it is.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size, Ordering::Relaxed);
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Fewer than may wait for others when they have ended.
const THREADS: usize = 200;
/// So many of them end a span when theirs was taken.
const LAST_SPANS: usize = THREADS / 2;
/// A thread's buffer, as it is unless said.
const BUFFER: usize = 1024 * 1024;
const LONG: Duration = Duration::from_secs(60);

#[genai_tool("read_file")]
fn read_file(number: usize) -> usize {
    number
}

#[test]
fn threads_that_have_ended_keep_no_full_buffers() {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder().memory(&memory).install().unwrap();
    let before = LIVE.load(Ordering::Relaxed);
    let grown = || LIVE.load(Ordering::Relaxed).saturating_sub(before);
    let barrier = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        let threads = (0..THREADS).map(|number| {
            let barrier = &barrier;
            scope.spawn(move || {
                read_file(number);
                barrier.wait();
                barrier.wait();
                // The others end with a buffer in which nothing is.
                if number < LAST_SPANS {
                    read_file(number);
                }
            })
        });
        let threads: Vec<_> = threads.collect();
        barrier.wait();
        // Each of them gets a full buffer for its first one.
        assert!(telemetry.flush(LONG).complete);
        assert!(grown() > THREADS * BUFFER, "{} bytes", grown());
        barrier.wait();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    for _ in 0..2 {
        assert!(telemetry.flush(LONG).complete);
    }
    // Some wait for threads to come, however many have ended.
    assert!(grown() < 24 * BUFFER, "{} bytes", grown());
    let ended = (THREADS + LAST_SPANS) as u64;
    assert_eq!(telemetry.shutdown(LONG).ended, ended);
}
