use genai_trace::genai_gate;

#[genai_gate]
fn nothing(command: &str) {
    drop(command.len());
}

#[genai_gate]
async fn unit() -> () {}

fn main() {
    nothing("ls");
    drop(unit());
}
