//! A span of static and short attributes asks the heap for nothing on the thread that runs it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use genai_trace::{Telemetry, current, genai_agent, genai_tool, record};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // The thread's storage is gone while it ends; what it allocates then is not of interest.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator as it is.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[genai_tool("static", description = "says nothing at run time")]
fn plain() {}

#[genai_tool("short", fields("app.path" = path, "app.share" = share))]
fn short(path: &str, share: f32) {
    record!("app.note" = "short");
    current().set("app.size", &path.len());
}

#[genai_agent("coder")]
fn agent(telemetry: &Telemetry, allocations: &mut [u64; 3]) {
    for round in 0..1000 {
        if round == 10 {
            // A thread's first buffer is small and grows, until it is exchanged for a full one.
            assert!(telemetry.flush(Duration::from_secs(60)).complete);
        }
        let before = ALLOCATIONS.get();
        plain();
        let between = ALLOCATIONS.get();
        short("src/main.rs", 0.1);
        let after = ALLOCATIONS.get();
        current().run(|| {
            plain();
            record!(app.round = round);
        });
        let carried = ALLOCATIONS.get();
        // The first calls make room for the rest: the stack of spans, the buffers, the series.
        if round >= 10 {
            allocations[0] += between - before;
            allocations[1] += after - between;
            allocations[2] += carried - after;
        }
    }
}

#[test]
fn a_span_of_static_or_short_attributes_allocates_nothing() {
    let path = std::env::temp_dir().join(format!("genai-trace-alloc-{}.jsonl", std::process::id()));
    let telemetry = Telemetry::builder().jsonl(&path).install().unwrap();
    let mut allocations = [0; 3];
    agent(&telemetry, &mut allocations);
    drop(telemetry);
    let lines = std::fs::read_to_string(&path).unwrap().lines().count();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(allocations, [0; 3]);
    assert_eq!(lines, 3001);
}
