use genai_trace::{genai_agent, genai_tool};

struct Agent;

impl Agent {
    #[genai_agent(modle = "gpt-4o")]
    async fn run(&self) -> usize {
        self.read_file("Cargo.toml").len()
    }

    #[genai_tool(cal_id = path)]
    fn read_file(&self, path: &str) -> String {
        path.to_owned()
    }
}

fn main() {
    drop(Agent.run());
    let length: usize = Agent.read_file("a").len();
    assert_eq!(length, 1);
}
