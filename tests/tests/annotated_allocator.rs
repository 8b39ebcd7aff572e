//! A global allocator that is annotated itself: it is called from within the recording, whose locks it must
//! not wait for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::mpsc;
use std::time::Duration;

use genai_trace::{MemoryExporter, Telemetry, current, genai_agent, genai_tool};

struct Annotated;

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

#[genai_tool("allocate")]
fn allocate(layout: Layout) -> *mut u8 {
    // SAFETY: the caller's.
    #[allow(unsafe_code)]
    unsafe {
        System.alloc(layout)
    }
}

// SAFETY: every call goes to the system's allocator as it is.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Annotated {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !IS_WATCHED.try_with(Cell::get).unwrap_or(false) || DEPTH.get() == 3 {
            return unsafe { System.alloc(layout) };
        }
        DEPTH.set(DEPTH.get() + 1);
        let place = allocate(layout);
        DEPTH.set(DEPTH.get() - 1);
        place
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Annotated = Annotated;

#[genai_tool("read_file", fields("app.path" = path))]
fn read_file<T>(path: &str, body: impl FnOnce() -> T) -> T {
    body()
}

#[genai_agent("coder")]
fn run<T>(body: impl FnOnce() -> T) -> T {
    body()
}

fn descend(depth: usize) {
    match depth {
        0 => drop(current()),
        _ => read_file(&"deep ".repeat(depth), || descend(depth - 1)),
    }
}

#[test]
fn it_neither_hangs_a_thread_nor_takes_other_spans_along() {
    let (done, outcome) = mpsc::channel();
    std::thread::spawn(move || {
        let memory = MemoryExporter::with_capacity(usize::MAX);
        let builder = Telemetry::builder().memory(&memory);
        let telemetry = builder.buffer_bytes(64 << 20).install().unwrap();
        let recording = std::thread::spawn(|| {
            IS_WATCHED.set(true);
            for turn in 0..50 {
                run(|| descend(100 + turn));
            }
            IS_WATCHED.set(false);
        });
        recording.join().unwrap();
        assert_eq!(telemetry.open_spans(), []);
        let _ = telemetry.shutdown(Duration::from_secs(30));
        let of = |name: &str| {
            memory
                .spans()
                .iter()
                .filter(|span| span.name.ends_with(name))
                .count()
        };
        done.send((of("coder"), of("read_file"), of("allocate")))
            .unwrap();
    });
    let outcome = outcome.recv_timeout(Duration::from_secs(60));
    let (agents, tools, allocations) = outcome.expect("the recording hangs");
    assert_eq!((agents, tools), (50, (0..50).map(|turn| 100 + turn).sum()));
    assert!(allocations > 0);
}
