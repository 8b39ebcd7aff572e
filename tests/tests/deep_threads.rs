//! Threads that were deep in spans once, under crash safety: what they have taken of the black box goes
//! back to it.

use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use genai_trace::{Telemetry, genai_agent, genai_tool};

/// As many would fill the black box if each kept what it has taken.
const THREADS: usize = 28;
const DEEP: usize = 10_000;

#[genai_tool("read_file", fields("app.path" = path))]
fn read_file<T>(path: &str, body: impl FnOnce() -> T) -> T {
    body()
}

#[genai_agent("coder")]
fn run<T>(body: impl FnOnce() -> T) -> T {
    body()
}

#[inline(never)]
fn descend(depth: usize) {
    if depth > 0 {
        read_file("src/lib.rs", || descend(depth - 1));
    }
}

#[test]
fn threads_that_were_deep_leave_the_black_box_to_others() {
    let name = format!("genai-trace-deep-threads-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let builder = Telemetry::builder().jsonl(folder.join("traces.jsonl"));
    let telemetry = builder.crash_safe(true).install().unwrap();
    let barrier = Barrier::new(THREADS + 1);
    let open = thread::scope(|scope| {
        for _ in 0..THREADS {
            let (done, is_done) = mpsc::channel();
            let barrier = &barrier;
            let builder = thread::Builder::new().stack_size(256 << 20);
            let work = move || {
                run(|| descend(DEEP));
                done.send(()).unwrap();
                // A thread of a pool waits for what is next.
                barrier.wait();
            };
            builder.spawn_scoped(scope, work).unwrap();
            is_done.recv().unwrap();
            let _ = telemetry.flush(Duration::from_secs(30));
        }
        let open = run(|| read_file("a", || read_file("b", || telemetry.open_spans().len())));
        barrier.wait();
        open
    });
    drop(telemetry);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(open, 3);
}
