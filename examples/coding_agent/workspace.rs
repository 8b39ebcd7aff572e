//! The folder that the agent works on: what belongs to it and what its text is.
//!
//! The rules, which also decide the counts in the agent's answers:
//!
//! - Folders named `.git`, `target` or `node_modules` are left out, wherever they are, and so is
//!   the file that this run writes its own trace to.
//! - Symbolic links are neither listed nor followed. A path that a tool is given may go through
//!   one, but what it leads to must lie inside the folder.
//! - A file is text if it is valid UTF-8 without a NUL byte.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// Folders that hold no work of the user's.
pub(crate) const LEFT_OUT: [&str; 3] = [".git", "target", "node_modules"];
/// The most files that one walk returns.
const MAX_FILES: usize = 100_000;

/// A folder, by its canonical path.
pub(crate) struct Workspace {
    root: PathBuf,
    own_trace: Option<PathBuf>,
}

/// A file of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) bytes: u64,
}

/// Every file below some folder, in the order of their paths.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) files: Vec<Entry>,
    /// Folders and files that could not be looked at.
    pub(crate) unreadable: usize,
    /// Whether there were more files than a walk returns.
    pub(crate) cut: bool,
}

/// What a file holds.
pub(crate) enum Content {
    Text(String),
    Binary,
    /// More bytes than were asked for.
    TooLarge(u64),
}

impl Workspace {
    /// Opens an existing folder.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let root = folder.canonicalize()?;
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder"));
        }
        Ok(Self {
            root,
            own_trace: None,
        })
    }

    /// Leaves out the file that this run writes its trace to; it may not exist yet.
    pub(crate) fn without_trace(mut self, file: &Path) -> Self {
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        self.own_trace = folder
            .ok()
            .zip(file.file_name())
            .map(|(folder, name)| folder.join(name));
        self
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The place that `path` really leads to, or none if that lies outside the workspace.
    ///
    /// Links and `..` are resolved as far as the path exists; what is missing must be plain names.
    pub(crate) fn resolve(&self, path: &str) -> Option<PathBuf> {
        let mut existing = self.root.join(path);
        let mut missing = Vec::new();
        let real = loop {
            if let Ok(real) = existing.canonicalize() {
                break real;
            }
            // A link that leads nowhere now may lead anywhere later.
            if existing.is_symlink() {
                return None;
            }
            let Some(Component::Normal(name)) = existing.components().next_back() else {
                return None;
            };
            missing.push(name.to_owned());
            existing.pop();
        };
        real.starts_with(&self.root).then(|| {
            missing
                .iter()
                .rev()
                .fold(real, |path, name| path.join(name))
        })
    }

    /// Walks the files below a folder, or returns the one file that `from` is.
    pub(crate) fn walk(&self, from: &Path) -> io::Result<Walk> {
        let mut walk = Walk::default();
        if fs::metadata(from)?.is_file() {
            self.add(from, &mut walk);
            return Ok(walk);
        }
        let mut folders = vec![from.to_owned()];
        // The first folder must be readable; those below it may fail and are counted.
        fs::read_dir(from)?;
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else {
                walk.unreadable += 1;
                continue;
            };
            for entry in entries {
                let Ok((entry, kind)) = entry.and_then(|e| e.file_type().map(|kind| (e, kind)))
                else {
                    walk.unreadable += 1;
                    continue;
                };
                let left_out = LEFT_OUT.iter().any(|name| entry.file_name() == *name);
                if kind.is_dir() && !left_out {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    self.add(&entry.path(), &mut walk);
                }
            }
        }
        walk.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(walk)
    }

    fn add(&self, file: &Path, walk: &mut Walk) {
        if self.own_trace.as_deref() == Some(file) {
            return;
        }
        if walk.files.len() == MAX_FILES {
            walk.cut = true;
            return;
        }
        match fs::metadata(file) {
            Ok(metadata) => walk.files.push(Entry {
                path: self.relative(file),
                bytes: metadata.len(),
            }),
            Err(_) => walk.unreadable += 1,
        }
    }

    fn relative(&self, file: &Path) -> String {
        let path = file.strip_prefix(&self.root).unwrap_or(file);
        let parts: Vec<_> = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        parts.join("/")
    }
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read(file: &Path, limit: u64) -> io::Result<Content> {
    let metadata = fs::metadata(file)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // A pipe or a device would block or never end.
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    let mut bytes = Vec::new();
    File::open(file)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.contains(&0) {
        return Ok(Content::Binary);
    }
    if bytes.len() as u64 > limit {
        return Ok(Content::TooLarge(metadata.len()));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Content::Text(text),
        Err(_) => Content::Binary,
    })
}
