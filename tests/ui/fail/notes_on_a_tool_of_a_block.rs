use genai_trace::{genai_tool, genai_tools};

struct Registry;

#[genai_tools]
impl Registry {
    #[genai]
    fn bare(&self) {}

    #[genai = "skip"]
    fn assigned(&self) {}

    #[genai(skip)]
    #[genai(call_id = "1")]
    fn twice(&self) {}

    #[genai(call_id = "1")]
    fn no_method() {}

    #[genai(call_id = "1")]
    #[genai_tool]
    fn told_already(&self) {}

    const fn constant(&self) {}
}

#[genai_tools]
impl Registry {
    #[genai(call_ident = "1")]
    fn unknown(&self) {}

    #[genai(tool_type = 1)]
    fn wrong(&self) {}
}

fn main() {
    Registry.bare();
    Registry.unknown();
    Registry.wrong();
}
