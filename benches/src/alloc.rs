//! Counts what a thread asks of the heap, while counting is on.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// Off but for one phase: a count is cheap, but who allocates more would pay it more often.
static COUNTING: AtomicBool = AtomicBool::new(false);

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, with a count.
pub struct Counting;

fn count() {
    if COUNTING.load(Ordering::Relaxed) {
        // A thread that ends has no place for its count any more, and is not asked for it.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
    }
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// How often `work` asks the heap for memory on this thread.
pub fn allocations_of(work: impl FnOnce()) -> u64 {
    COUNTING.store(true, Ordering::Relaxed);
    let before = ALLOCATIONS.get();
    work();
    let after = ALLOCATIONS.get();
    COUNTING.store(false, Ordering::Relaxed);
    after - before
}
