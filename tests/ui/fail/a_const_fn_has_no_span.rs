use genai_trace::genai_tool;

#[genai_tool]
const fn answer() -> u32 {
    42
}

fn main() {
    answer();
}
