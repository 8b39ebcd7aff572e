use genai_trace::genai_tool;

trait Tool {
    #[genai_tool("call")]
    fn call(&self) -> String;

    #[genai_tool("call_later")]
    async fn call_later(&self) -> String
    where
        Self: Sized;
}

fn main() {}
