#![deny(warnings)]
use genai_trace::genai_span;

/// Reads a byte.
///
/// # Safety
///
/// `at` must be valid.
#[genai_span]
pub unsafe fn read(at: *const u8) -> u8 {
    unsafe { *at }
}

#[genai_span]
pub extern "C" fn add(a: i32, b: i32) -> i32 {
    a + b
}

#[genai_span]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn genai_trace_test_first(text: *const u8) -> u8 {
    unsafe { read(text) }
}

fn main() {
    let text = b"ab";
    assert_eq!(unsafe { genai_trace_test_first(text.as_ptr()) }, b'a');
    let sum: extern "C" fn(i32, i32) -> i32 = add;
    assert_eq!(sum(1, 2), 3);
}
