use genai_trace::genai_gate;

struct Verdict;

#[genai_gate]
fn allow_command(command: &str) -> Verdict {
    drop(command.len());
    Verdict
}

fn main() {
    allow_command("ls");
}
