use genai_trace::genai_tool;

#[genai_tool("", cal_id = 1, root = true, fields("" = 1, "a" = 1, "a" = 2), description = 5, ret)]
const fn read_file() {}

fn main() {
    read_file();
}
