use genai_trace::genai_tool;

fn main() {
    #[genai_tool("double")]
    let double = |n: u32| n * 2;
    double(1);
}
