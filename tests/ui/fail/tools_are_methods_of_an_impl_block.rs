use genai_trace::genai_tools;

#[genai_tools]
fn read_file() {}

#[genai_tools]
struct Registry;

#[genai_tools]
trait Tool {
    fn run(&self);
}

#[genai_tools]
impl Registry {
    fn new() -> Self {
        Registry
    }
}

fn main() {
    read_file();
    Registry::new();
}
