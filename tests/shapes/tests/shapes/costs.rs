//! What the attributes cost a future: its size, its stack, and whether it may cross threads.

use std::future::Future;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use futures_core::future::BoxFuture;
use genai_trace::{genai_span, genai_tool};
use genai_trace_tests::{block_on, recorded, yield_once};

fn is_send<T: Send + 'static>(value: T) -> T {
    value
}

#[test]
fn what_is_send_without_an_attribute_is_send_with_it() {
    #[genai_tool(fields("size" = text.len()), ret_fields("size" = |text| text.len()))]
    async fn later(text: String) -> String {
        yield_once().await;
        text
    }
    #[genai_span]
    fn opaque(text: String) -> impl Future<Output = String> {
        async move {
            yield_once().await;
            text
        }
    }
    #[genai_span]
    async fn generic<T: Send>(value: T) -> Result<T, std::io::Error> {
        yield_once().await;
        Ok(value)
    }
    let recorded = recorded(|| {
        let threads = [
            thread::spawn(|| drop(block_on(is_send(later("a".to_owned()))))),
            thread::spawn(|| drop(block_on(is_send(opaque("a".to_owned()))))),
            thread::spawn(|| drop(block_on(is_send(generic(1))))),
        ];
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(recorded.spans.len(), 3, "{}", recorded.tree());
}

/// Most bytes that the attribute may add to a future.
const MOST_BYTES: usize = 64;

#[test]
fn a_future_grows_by_a_constant() {
    async fn plain<const N: usize>(bytes: [u8; N]) -> usize {
        yield_once().await;
        bytes.iter().map(|byte| usize::from(*byte)).sum()
    }
    #[genai_span]
    async fn traced<const N: usize>(bytes: [u8; N]) -> usize {
        yield_once().await;
        bytes.iter().map(|byte| usize::from(*byte)).sum()
    }
    #[genai_span]
    fn opaque<const N: usize>(bytes: [u8; N]) -> impl Future<Output = usize> {
        plain(bytes)
    }
    fn sizes<const N: usize>() -> [usize; 3] {
        let bytes = [1; N];
        [
            size_of_val(&plain(bytes)),
            size_of_val(&traced(bytes)),
            size_of_val(&opaque(bytes)),
        ]
    }
    let mut all = Vec::new();
    recorded(|| all.extend([(16, sizes::<16>()), (4096, sizes::<4096>())]));
    for (n, [plain, traced, opaque]) in all {
        println!("{n} bytes of arguments: plain {plain}, async fn {traced}, impl Future {opaque}");
        assert!(traced <= plain + MOST_BYTES, "{traced} of {plain}");
        assert!(opaque <= plain + MOST_BYTES, "{opaque} of {plain}");
    }
}

/// Where the stack of the deepest call lies.
static DEEPEST: AtomicUsize = AtomicUsize::new(0);

fn here() -> usize {
    let local = 0_u8;
    black_box(&raw const local) as usize
}

/// How many bytes of stack `work` takes.
fn stack_of(work: impl FnOnce() + Send + 'static) -> usize {
    let thread = thread::Builder::new().stack_size(512 * 1024 * 1024);
    let measured = thread.spawn(|| {
        let top = here();
        work();
        top - DEEPEST.load(Ordering::Relaxed)
    });
    measured.unwrap().join().unwrap()
}

fn at_the_end() -> u32 {
    DEEPEST.store(here(), Ordering::Relaxed);
    0
}

/// How deep the recursions go.
const DEPTH: u32 = 10_000;

fn plain_boxed(depth: u32) -> BoxFuture<'static, u32> {
    Box::pin(async move {
        match depth {
            0 => at_the_end(),
            depth => plain_boxed(depth - 1).await + 1,
        }
    })
}

#[genai_span]
fn boxed(depth: u32) -> BoxFuture<'static, u32> {
    Box::pin(async move {
        match depth {
            0 => at_the_end(),
            depth => boxed(depth - 1).await + 1,
        }
    })
}

async fn plain_later(depth: u32) -> u32 {
    match depth {
        0 => at_the_end(),
        depth => Box::pin(plain_later(depth - 1)).await + 1,
    }
}

#[genai_span]
async fn traced(depth: u32) -> u32 {
    match depth {
        0 => at_the_end(),
        depth => Box::pin(traced(depth - 1)).await + 1,
    }
}

fn plain_sync(depth: u32) -> u32 {
    match depth {
        0 => at_the_end(),
        depth => plain_sync(depth - 1) + 1,
    }
}

#[genai_span]
fn sync(depth: u32) -> u32 {
    match depth {
        0 => at_the_end(),
        depth => sync(depth - 1) + 1,
    }
}

#[test]
fn ten_thousand_calls_deep_takes_a_bounded_part_of_the_stack() {
    let depth = DEPTH as usize;
    let mut stacks = [0; 6];
    let recorded = recorded(|| {
        stacks = [
            stack_of(|| assert_eq!(plain_sync(DEPTH), DEPTH)),
            stack_of(|| assert_eq!(sync(DEPTH), DEPTH)),
            stack_of(|| assert_eq!(block_on(plain_later(DEPTH)), DEPTH)),
            stack_of(|| assert_eq!(block_on(traced(DEPTH)), DEPTH)),
            stack_of(|| assert_eq!(block_on(plain_boxed(DEPTH)), DEPTH)),
            stack_of(|| assert_eq!(block_on(boxed(DEPTH)), DEPTH)),
        ];
    });
    let [plain_sync, sync, plain_later, traced, plain_boxed, boxed] =
        stacks.map(|bytes| bytes / depth);
    println!(
        "bytes of stack a call, plain and traced: fn {plain_sync} {sync}, \
         async fn {plain_later} {traced}, boxed future {plain_boxed} {boxed}"
    );
    assert_eq!(recorded.spans.len(), 3 * (depth + 1));
    for (traced, plain) in [
        (sync, plain_sync),
        (traced, plain_later),
        (boxed, plain_boxed),
    ] {
        assert!(traced <= plain + MOST_STACK, "{traced} of {plain}");
    }
}

/// Most bytes of stack that the attribute may add to a call, in a build without optimisation.
const MOST_STACK: usize = 2048;
