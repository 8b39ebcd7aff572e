//! The crate that is built: 500 functions of an agent, once with each kind of attribute.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

/// One crate: the functions with one kind of attribute.
pub struct Subject {
    /// The package's name.
    pub name: &'static str,
    /// What it depends on.
    dependency: &'static str,
    /// What stands above the functions.
    imports: &'static str,
    /// The attribute of each function, and what stands for `record!` in the chat.
    lines: &'static [(&'static str, &'static str)],
}

const OURS: &str = "genai-trace = { path = \"@root/genai-trace\" }";
const THEIRS: &str = "tracing = \"0.1\"";

/// The crates, in the order in which they are built.
pub const SUBJECTS: [Subject; 5] = [
    Subject {
        name: "bare",
        dependency: "",
        imports: "",
        lines: &[],
    },
    Subject {
        name: "ours",
        dependency: OURS,
        imports: "use genai_trace::{genai_agent, genai_chat, genai_gate, genai_span, genai_tool, record};",
        lines: &[
            (
                "read_file",
                r#"genai_tool("read_file", call_id = id, fields("file.path" = path))"#,
            ),
            (
                "search",
                r#"genai_tool("search", fields("search.pattern" = pattern, "search.limit" = limit))"#,
            ),
            (
                "chat",
                r#"genai_chat(provider = "openai", model = model, max_tokens = 256, temperature = 0.2)"#,
            ),
            (
                "record",
                "record!(gen_ai.usage.input_tokens = question.len(), gen_ai.usage.output_tokens = reply.len());",
            ),
            (
                "allow",
                r#"genai_gate("allow_command", fields("command" = command))"#,
            ),
            ("plan", "genai_span(fields(agent.turn = turn))"),
            ("rank", "genai_span"),
            ("write_file", r#"genai_tool("write_file")"#),
            ("call", "genai_tool(name = name, call_id = id)"),
            (
                "turn",
                r#"genai_span("agent.turn", fields(agent.turn = turn))"#,
            ),
            (
                "run",
                r#"genai_agent("coder", version = "1.2", model = "gpt-4o")"#,
            ),
        ],
    },
    Subject {
        name: "tracing",
        dependency: THEIRS,
        imports: "use tracing::{Span, field::Empty, instrument};",
        lines: &[
            (
                "read_file",
                r#"instrument(name = "execute_tool read_file", skip_all, fields(gen_ai.tool.name = "read_file", gen_ai.tool.call.id = id, file.path = path), err)"#,
            ),
            (
                "search",
                r#"instrument(name = "execute_tool search", skip_all, fields(gen_ai.tool.name = "search", search.pattern = pattern, search.limit = limit), err)"#,
            ),
            (
                "chat",
                r#"instrument(name = "chat", skip_all, fields(gen_ai.provider.name = "openai", gen_ai.request.model = model, gen_ai.request.max_tokens = 256, gen_ai.request.temperature = 0.2, gen_ai.usage.input_tokens = Empty, gen_ai.usage.output_tokens = Empty), err)"#,
            ),
            (
                "record",
                r#"Span::current().record("gen_ai.usage.input_tokens", question.len()).record("gen_ai.usage.output_tokens", reply.len());"#,
            ),
            (
                "allow",
                r#"instrument(name = "gate allow_command", skip_all, fields(command = command), ret)"#,
            ),
            ("plan", "instrument(skip_all, fields(agent.turn = turn))"),
            ("rank", "instrument(skip_all)"),
            (
                "write_file",
                r#"instrument(name = "execute_tool write_file", skip_all, fields(gen_ai.tool.name = "write_file"), err)"#,
            ),
            (
                "call",
                r#"instrument(name = "execute_tool", skip_all, fields(gen_ai.tool.name = name, gen_ai.tool.call.id = id), err)"#,
            ),
            (
                "turn",
                r#"instrument(name = "agent.turn", skip_all, fields(agent.turn = turn), err)"#,
            ),
            (
                "run",
                r#"instrument(name = "invoke_agent coder", skip_all, fields(gen_ai.agent.name = "coder", gen_ai.agent.version = "1.2", gen_ai.request.model = "gpt-4o"), err)"#,
            ),
        ],
    },
    Subject {
        name: "ours-plain",
        dependency: OURS,
        imports: "use genai_trace::genai_span;",
        lines: &[("*", "genai_span")],
    },
    Subject {
        name: "tracing-plain",
        dependency: THEIRS,
        imports: "use tracing::instrument;",
        lines: &[("*", "instrument")],
    },
];

/// Modules of a crate, of ten functions each.
pub const MODULES: usize = 50;

/// Writes the workspace of all crates to `dir`; `root` is where genai-trace is.
pub fn write(dir: &Path, root: &Path) -> io::Result<()> {
    let mut members = String::new();
    for subject in &SUBJECTS {
        write!(members, "{:?}, ", subject.name).map_err(io::Error::other)?;
        subject.write(&dir.join(subject.name), root)?;
    }
    fs::write(
        dir.join("Cargo.toml"),
        format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n"),
    )
}

impl Subject {
    fn write(&self, dir: &Path, root: &Path) -> io::Result<()> {
        fs::create_dir_all(dir.join("src"))?;
        let dependency = self.dependency.replace("@root", &root.to_string_lossy());
        let manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n",
            format!("subject-{}", self.name),
        );
        fs::write(dir.join("Cargo.toml"), manifest)?;
        fs::write(dir.join("src/support.rs"), include_str!("support.rs.txt"))?;
        let mut main = String::from("#![allow(dead_code)]\nmod support;\n");
        let mut calls = String::new();
        for module in 0..MODULES {
            self.write_module(dir, module, 0)?;
            main += &format!("mod part_{module};\n");
            calls += &format!(
                "    println!(\"{{:?}}\", support::block_on(part_{module}::run(client, \"task\")));\n"
            );
        }
        main += &format!("\nfn main() {{\n    let client = &support::Client;\n{calls}}}\n");
        fs::write(dir.join("src/main.rs"), main)
    }

    /// Writes the module number `module`; another `edit` is another number in the bodies.
    pub fn write_module(&self, dir: &Path, module: usize, edit: usize) -> io::Result<()> {
        let source = include_str!("module.rs.txt")
            .replace("@use", self.imports)
            .replace("$n", &(module + edit * MODULES).to_string());
        let lines = source.lines().map(|line| self.line(line) + "\n");
        let source: String = lines.collect();
        fs::write(dir.join(format!("src/part_{module}.rs")), source)
    }

    /// A line of the template with the attribute that it asks for.
    fn line(&self, line: &str) -> String {
        let indent = line.len() - line.trim_start().len();
        let word = line
            .trim()
            .trim_start_matches(['@', '['])
            .trim_end_matches(']');
        let found = |key: &str| self.lines.iter().find(|(name, _)| *name == key);
        match line.trim_start().as_bytes() {
            [b'@', b'[', ..] => match found(word).or(found("*")) {
                Some((_, attribute)) => format!("{:indent$}#[{attribute}]", ""),
                None => String::new(),
            },
            [b'@', ..] => {
                found(word).map_or_else(String::new, |(_, text)| format!("{:indent$}{text}", ""))
            }
            _ => line.to_owned(),
        }
    }
}
