//! Crates as users have them, under `consumers/`: each is built and run by cargo, in a workspace of
//! its own.
//!
//! They take the versions of this workspace's lock file, so that nothing is asked of the network that
//! was not fetched before, and share one target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

struct Consumer {
    folder: PathBuf,
}

impl Consumer {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("consumers").join(name);
        // What it does not need of these, cargo takes out.
        fs::copy(root.join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Self { folder }
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        // A folder of its own: what a program leaves there is seen.
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumers");
        let work = place.join("work").join(self.folder.file_name().unwrap());
        let _ = fs::remove_dir_all(&work);
        fs::create_dir_all(&work).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if ["OTEL_", "GENAI_TRACE_"]
                .iter()
                .any(|ours| name.starts_with(ours))
            {
                cargo.env_remove(&*name);
            }
        }
        cargo
            .arg(arguments[0])
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .args(&arguments[1..])
            .env("CARGO_TARGET_DIR", place.join("target"))
            .current_dir(work)
            .output()
            .unwrap()
    }

    /// Builds and runs the program, which fails where it does not record what it should.
    fn runs(&self) {
        let output = self.cargo(&["run", "--quiet"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert_eq!(said, "", "not even a warning");
    }
}

#[test]
fn a_crate_of_edition_2021_records_every_kind_of_function() {
    Consumer::new("edition_2021").runs();
}

#[test]
fn a_crate_of_edition_2024_records_every_kind_of_function() {
    Consumer::new("edition_2024").runs();
}

#[test]
fn a_crate_that_knows_us_under_other_names_records() {
    Consumer::new("renamed").runs();
}

#[test]
fn a_program_without_an_async_runtime_records_and_brings_none() {
    const RUNTIMES: [&str; 6] = [
        "tokio",
        "async-std",
        "smol",
        "async-executor",
        "futures-executor",
        "mio",
    ];
    let consumer = Consumer::new("no_runtime");
    consumer.runs();
    let output = consumer.cargo(&["tree", "--edges", "normal,build", "--prefix", "none"]);
    let tree = String::from_utf8_lossy(&output.stdout);
    let packages: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(packages.contains(&"genai-trace"), "{tree}");
    for runtime in RUNTIMES {
        assert!(!packages.contains(&runtime), "{tree}");
    }
}

#[test]
fn where_panics_abort_a_flush_in_the_hook_loses_nothing() {
    // It runs itself once more, to see itself abort.
    Consumer::new("panic_abort").runs();
}

#[test]
fn with_the_feature_off_items_are_as_written_and_nothing_is_recorded() {
    Consumer::new("off").runs();
}
