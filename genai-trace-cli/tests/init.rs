//! What `genai-trace init` writes: built and run by cargo, and looked at by the command.
//!
//! What it depends on is built where `tests/consumers` are built, with the versions of this workspace's lock file, so that
//! nothing is built twice and nothing is asked of the network that was not fetched before.

// A test that panics is a test that fails.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// A folder that is the root of a workspace, which whatever lies above it cannot disturb.
struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    fn new(name: &str, manifest: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("init")
            .join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::copy(checkout().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Self { folder }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap()
    }

    /// `genai-trace init`, in the root.
    fn init(&self, arguments: &[&str]) -> String {
        let checkout = checkout();
        let path = ["init", "--path", checkout.to_str().unwrap()];
        self.genai_trace("", &[&path, arguments].concat())
    }

    /// What the command says in a folder.
    fn genai_trace(&self, folder: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_genai-trace"));
        said(
            command
                .args(arguments)
                .current_dir(self.folder.join(folder)),
        )
    }

    /// What cargo says in a folder where nothing is wrong. Clippy compiles what is new, as it would check it, so that what
    /// it depends on need not be built once more for that; its warnings would stand on standard error.
    fn cargo(&self, folder: &str, arguments: &[&str]) -> String {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumers/target");
        let mut cargo = Command::new(env!("CARGO"));
        for (name, _) in env::vars_os() {
            let is_ours = |ours| name.to_string_lossy().starts_with(ours);
            if is_ours("OTEL_") || is_ours("GENAI_TRACE_") {
                cargo.env_remove(&name);
            }
        }
        cargo.args(arguments).env("CARGO_TARGET_DIR", target);
        cargo.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
        said(cargo.current_dir(self.folder.join(folder)))
    }
}

fn checkout() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

/// What a program prints that succeeds and complains of nothing.
fn said(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8(stdout).unwrap(),
        String::from_utf8_lossy(&stderr),
    );
    assert!(
        status.success() && stderr.is_empty(),
        "{command:?}: {status}\n{stdout}\n{stderr}"
    );
    stdout
}

/// The commands of ours that a document names, each with its arguments.
fn commands(document: &str) -> Vec<Vec<String>> {
    let lines = document.lines().filter_map(|line| {
        line.trim_start_matches("- run: ")
            .strip_prefix("genai-trace ")
    });
    let commands = lines.map(|line| line.split('#').next().unwrap().replace('\'', ""));
    commands
        .map(|command| command.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_new_package_runs_passes_its_test_and_leaves_what_its_readme_promises() {
    let workspace = Workspace::new(
        "new",
        "[workspace]\nresolver = \"3\"\nmembers = [] # none yet\n",
    );
    workspace.init(&["reader"]);
    assert_eq!(
        workspace.read("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"reader\"] # none yet\n"
    );

    let printed = workspace.cargo("reader", &["run", "--quiet", "--offline"]);
    assert!(
        printed.starts_with("What is this project called? reader.\n\n# HELP "),
        "{printed}"
    );
    assert!(
        printed.ends_with("\ntools_called_total{tool=\"read_file\"} 2\n"),
        "{printed}"
    );
    let tested = workspace.cargo("reader", &["test", "--quiet", "--offline"]);
    assert!(tested.contains("1 passed; 0 failed"), "{tested}");
    assert_eq!(workspace.cargo("reader", &["fmt", "--check"]), "");

    let readme = workspace.read("reader/README.md");
    assert!(readme.starts_with("# reader\n"), "{readme}");
    let mut tried = Vec::new();
    for command in commands(&readme) {
        let command: Vec<_> = command.iter().map(String::as_str).collect();
        if command == ["serve"] {
            continue; // until it is ended
        }
        let answer = workspace.genai_trace("reader", &command);
        match command[0] {
            "show" => {
                assert_eq!(answer.matches("chat gpt-4o-mini").count(), 3, "{answer}");
                assert_eq!(
                    answer.matches("execute_tool read_file").count(),
                    2,
                    "{answer}"
                );
                assert_eq!(answer.matches("ERROR NotFound: ").count(), 1, "{answer}");
                assert_eq!(answer.matches("gate inside_project").count(), 2, "{answer}");
            }
            "stats" => assert!(answer.contains("\ngpt-4o-mini "), "{answer}"),
            _ => {}
        }
        tried.push(command.join(" "));
    }
    assert_eq!(
        tried,
        [
            "show",
            "stats",
            "check --max-cost 0.01 --max-calls 10",
            "check --github --max-cost 0.01 --max-calls 10 --forbid write_*",
        ]
    );
    let ignored = workspace.read("reader/.gitignore");
    assert!(
        ignored.contains("\n/traces.*\n") && workspace.folder.join("reader/traces.jsonl").exists()
    );
}

#[test]
fn a_package_that_is_there_gets_an_example_that_runs() {
    let manifest = "\
# The shop.
[package]
name = \"shop\"
version = \"0.3.0\"
edition = \"2018\"
autoexamples = false

[dependencies]
serde_json = \"1\" # for its wares

[workspace]
";
    let workspace = Workspace::new("there", manifest);
    workspace.write("src/lib.rs", "//! A shop.\n");
    let printed = workspace.init(&[]);
    let path = checkout().join("genai-trace");
    let dependency = format!("genai-trace = {{ path = {path:?} }}");
    let expected = manifest.replace("serde_json", &format!("{dependency}\nserde_json"));
    let expected = format!("{expected}\n[[example]]\nname = \"traced_agent\"\n");
    assert_eq!(workspace.read("Cargo.toml"), expected);
    assert!(printed.contains(&dependency), "{printed}");
    assert_eq!(workspace.read("src/lib.rs"), "//! A shop.\n");

    let printed = workspace.cargo(
        "",
        &["run", "--quiet", "--offline", "--example", "traced_agent"],
    );
    assert!(
        printed.starts_with("What is this project called? shop.\n\n# HELP "),
        "{printed}"
    );
    assert_eq!(workspace.cargo("", &["fmt", "--check"]), "");
    let shown = workspace.genai_trace("", &["show"]);
    assert_eq!(shown.matches("chat gpt-4o-mini").count(), 3, "{shown}");
    assert_eq!(shown.matches("ERROR NotFound: ").count(), 1, "{shown}");
}

#[test]
fn the_lines_for_ones_own_main_compile_and_record() {
    let workspace = Workspace::new(
        "main",
        "[workspace]\nresolver = \"3\"\nmembers = [\"shop\"]\n",
    );
    workspace.write(
        "shop/Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"0.3.0\"\nedition = \"2024\"\n",
    );
    workspace.write("shop/src/main.rs", "fn main() {}\n");
    let printed = workspace.init(&["shop"]);
    let line = |with: &str| {
        printed
            .lines()
            .find(|line| line.contains(with))
            .unwrap()
            .trim()
    };
    let (first, above) = (
        line("genai_trace::init()?"),
        line("#[genai_trace::genai_agent("),
    );
    let program = format!(
        "{above}\nfn sell() {{}}\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {{\n    {first}\n    sell();\n    Ok(())\n}}\n"
    );
    workspace.write("shop/src/main.rs", &program);
    assert_eq!(
        workspace.cargo("shop", &["run", "--quiet", "--offline"]),
        ""
    );
    let shown = workspace.genai_trace("shop", &["show"]);
    assert!(shown.contains("invoke_agent shop"), "{shown}");
}
