#![deny(warnings)]
use std::io;
use std::sync::Arc;

use genai_trace::{genai_span, genai_tools};

struct Files {
    root: &'static str,
}

trait Tool {
    fn run(&mut self, input: &str) -> Result<String, io::Error>;
    fn name(&self) -> &'static str {
        "tool"
    }
}

#[genai_tools(fields("files.root" = self.root), crate = genai_trace)]
impl Files {
    pub const LIMIT: usize = { 3 };

    fn new() -> Self {
        Files { root: "/" }
    }

    async fn read<'a>(&'a self, path: &'a str) -> Result<&'a str, io::Error> {
        Ok(path)
    }

    #[genai("list_files", call_id = id, fields("files.limit" = Self::LIMIT, "files.root" = self.root),)]
    fn list(self: Arc<Self>, id: &str) -> Vec<String> {
        vec![id.to_owned()]
    }

    #[genai(skip)]
    const fn root(&self) -> &'static str {
        self.root
    }

    #[genai_span]
    fn step(&self) {}
}

#[genai_tools]
impl Tool for Files {
    fn run(&mut self, input: &str) -> Result<String, io::Error> {
        Ok(input.to_owned())
    }
}

macro_rules! registry {
    ($name:ident { $($body:tt)* }) => {
        struct $name;
        #[genai_tools]
        impl $name { $($body)* }
    };
}

registry!(Made {
    fn one(&self) -> u8 {
        1
    }
});

fn main() {
    let mut files = Files::new();
    drop(files.read("a"));
    files.step();
    assert_eq!(files.run("x").ok().as_deref(), Some("x"));
    assert_eq!(files.name(), "tool");
    assert_eq!(files.root(), "/");
    assert_eq!(Arc::new(files).list("1"), ["1"]);
    assert_eq!(Made.one(), 1);
}
