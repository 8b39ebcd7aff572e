use genai_trace::genai_tools;

struct Registry;

#[genai_tools(name = "read", call_id = id, descripton = "Reads")]
impl Registry {
    fn read(&self, id: &str) {}
}

#[genai_tools("read")]
impl Registry {
    fn named(&self) {}
}

#[genai_tools(tool_type = 3, stream)]
impl Registry {
    fn one(&self) {}
    fn two(&self) {}
}

fn main() {
    Registry.read("1");
    Registry.one();
    Registry.two();
}
