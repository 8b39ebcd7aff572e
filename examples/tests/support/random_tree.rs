//! A tree of random files, and counts over it that share no code with the example.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use crate::support::Folder;

/// Random numbers (splitmix64), so that a failing seed can be tried again.
pub struct Random(u64);

impl Random {
    /// Seeded from the environment variable `SEED`, or anew.
    pub fn new() -> Self {
        let given = std::env::var("SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
        eprintln!("SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    pub fn word(&mut self) -> String {
        let length = 4 + self.below(6);
        (0..length)
            .map(|_| char::from(b'a' + self.below(26) as u8))
            .collect()
    }
}

/// What a tree holds.
pub struct Tree {
    pub folder: Folder,
    /// Names of the crates with the paths of their manifests.
    pub crates: BTreeMap<String, String>,
}

impl Tree {
    pub fn new(random: &mut Random) -> Self {
        let folder = Folder::new();
        let mut crates = BTreeMap::new();
        for _ in 0..1 + random.below(4) {
            let (name, path) = (random.word(), random.word());
            let manifest = format!("{path}/Cargo.toml");
            // Some manifests are too long to be read whole, with the table far from the top.
            let comment = "# nothing of interest\n".repeat(random.below(2) * 600);
            folder.write(
                &manifest,
                format!("{comment}[package]\nname = \"{name}\"\n"),
            );
            crates.insert(name, manifest);
            for _ in 0..random.below(8) {
                let file = format!("{path}/src/{}.rs", random.word());
                let lines = random.below(60);
                folder.write(&file, source(random, lines));
            }
        }
        for _ in 0..2 + random.below(10) {
            let extension = random.pick(&["md", "txt", "json", "py", "rs"]);
            let file = format!("{}/{}.{extension}", random.word(), random.word());
            let lines = random.below(40);
            folder.write(&file, source(random, lines));
        }
        let lines = 600 + random.below(900);
        let file = format!("{}/{}.rs", random.word(), random.word());
        folder.write(&file, source(random, lines));

        let binary = format!("{}.bin", random.word());
        let size = [200, 400_000][random.below(2)];
        folder.write(
            &binary,
            [b"TODO unsafe\0unwrap".as_slice(), &vec![7; size]].concat(),
        );
        folder.write(
            &format!("{}.txt", random.word()),
            b"TODO \xFF\xFE unsafe unwrap",
        );
        for ignored in [".git", "target", "node_modules"] {
            folder.write(
                &format!("{ignored}/{}.rs", random.word()),
                "TODO unsafe unwrap",
            );
        }
        Self { folder, crates }
    }

    /// The files that count, with their bytes: no links, nothing in the ignored folders.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), "", &mut files);
        files
    }

    /// How often, on how many lines and in how many files a text stands.
    pub fn count(&self, text: &str) -> (usize, usize, usize) {
        let (mut occurrences, mut lines, mut files) = (0, 0, 0);
        for bytes in self.files().values() {
            if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
                continue;
            }
            let on_line = |line: &&[u8]| occurrences_in(line, text.as_bytes());
            let counts: Vec<usize> = bytes
                .split(|byte| *byte == b'\n')
                .map(|l| on_line(&l))
                .collect();
            occurrences += counts.iter().sum::<usize>();
            lines += counts.iter().filter(|count| **count > 0).count();
            files += usize::from(counts.iter().any(|count| *count > 0));
        }
        (occurrences, lines, files)
    }
}

fn occurrences_in(line: &[u8], text: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while at + text.len() <= line.len() {
        let here = line[at..].starts_with(text);
        count += usize::from(here);
        at += if here { text.len() } else { 1 };
    }
    count
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            if !["target", ".git", "node_modules"].contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), files);
            }
        } else if entry.file_type().unwrap().is_file() {
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

fn source(random: &mut Random, lines: usize) -> String {
    let mut text = String::new();
    for _ in 0..lines {
        let word = random.word();
        match random.below(9) {
            0 => text.push_str(&format!("pub fn {word}() {{}}\n")),
            1 => text.push_str(&format!("struct {word};\n")),
            2 => text.push_str(&format!("    let {word} = maybe.unwrap();\n")),
            3 => text.push_str(&format!("// TODO: {word} TODO TODOTODO\n")),
            4 => text.push_str(&format!("unsafe fn {word}() {{ unwrap_unchecked() }}\n")),
            5 => text.push_str(&format!(
                "    fn {word}() {{}} // indented, not at the top\n"
            )),
            6 => text.push_str("todo Unsafe\n"),
            _ => text.push_str(&format!("{word} {word} ümlaut\n")),
        }
    }
    text
}
