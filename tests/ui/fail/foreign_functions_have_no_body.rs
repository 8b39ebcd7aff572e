use genai_trace::genai_tool;

unsafe extern "C" {
    #[genai_tool]
    fn strlen(text: *const u8) -> usize;
}

#[genai_tool]
unsafe extern "C" {
    fn abs(number: i32) -> i32;
}

fn main() {
    let _ = unsafe { (strlen(c"a".as_ptr().cast()), abs(1)) };
}
