//! The feature `off`: the program is the one that it would be if nobody had heard of us.
//!
//! One crate is built twice at the same place, in release: as it is written, and with every attribute
//! and every `record!` painted over by spaces, so that lines and columns stay. Both depend on the same
//! packages.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Functions of all kinds, as the crates under `consumers/` have them.
const KINDS: &str = include_str!("../consumers/kinds.rs");

/// A block of tools with notes, and a place that panics and says where.
const MAIN: &str = r#"
#![allow(unused)]
mod kinds;

use genai_trace::{genai_tool, genai_tools, record};

struct Files(Vec<String>);

#[genai_tools(tool_type = "extension")]
impl Files {
    #[genai("ls", fields("files" = self.0.len()))]
    fn list(&self, at: usize) -> &str {
        record!("app.at" = at);
        &self.0[at]
    }

    #[genai(skip)]
    fn count(&self) -> usize {
        self.0.len()
    }
}

#[track_caller]
#[genai_tool("generic", ret_fields("bytes" = |size| *size))]
fn size<T: AsRef<[u8]>>(value: T) -> usize {
    assert!(!value.as_ref().is_empty());
    value.as_ref().len()
}

fn main() {
    println!("{:?}", kinds::block_on(kinds::agent("why?")));
    let files = Files(std::env::args().collect());
    println!("{} {}", files.count(), files.list(files.count() - 1).len());
    println!("{} {}", size("text"), size(vec![1; files.count()]));
}
"#;

struct Crate {
    folder: PathBuf,
}

impl Crate {
    fn new(feature: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("code_{feature}"));
        fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = format!(
            "[workspace]\n\n[package]\nname = \"code\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\ngenai-trace = {{ path = {:?}, features = [{feature:?}] }}\n\n\
             [profile.release]\nopt-level = 3\nstrip = true\n",
            root.join("genai-trace")
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // The versions that were fetched for this workspace.
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Self { folder }
    }

    /// The program that these sources become.
    fn build(&self, paint: impl Fn(&str) -> String) -> Vec<u8> {
        fs::write(self.folder.join("src/main.rs"), paint(MAIN)).unwrap();
        fs::write(self.folder.join("src/kinds.rs"), paint(KINDS)).unwrap();
        let target = self.folder.join("target");
        let output = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &target)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        fs::read(target.join("release/code")).unwrap()
    }
}

/// The source with spaces in the place of our attributes, their notes and `record!`.
fn without_us(source: &str) -> String {
    let mut left = source.to_owned();
    for (begin, open, close) in [("#[genai", '[', ']'), ("record!(", '(', ')')] {
        while let Some(start) = left.find(begin) {
            let mut depth = 0;
            let end = left[start..]
                .find(|letter| {
                    depth += i32::from(letter == open) - i32::from(letter == close);
                    letter == close && depth == 0
                })
                .unwrap();
            let blank = |letter: char| if letter == '\n' { '\n' } else { ' ' };
            let painted: String = left[start..=start + end].chars().map(blank).collect();
            left.replace_range(start..=start + end, &painted);
        }
    }
    left
}

#[test]
fn with_the_feature_off_the_program_is_the_bare_source_s_byte_for_byte() {
    let code = Crate::new("off");
    let annotated = code.build(str::to_owned);
    let bare = code.build(without_us);
    assert!(annotated == bare, "{:?}", code.folder);
    // And it is a comparison that sees a change.
    let changed = code.build(|source| without_us(source).replace("*number += 10", "*number += 11"));
    assert!(changed != bare);
}

#[test]
fn nothing_of_ours_is_left_in_the_painted_source() {
    for source in [KINDS, MAIN] {
        let left = without_us(source);
        assert!(!left.contains("#[genai") && !left.contains("record!("));
        assert_eq!(left.len(), source.len());
        assert_eq!(left.lines().count(), source.lines().count());
    }
}
