//! What is to be written: all of it, or nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Files that are new, and one that is changed.
#[derive(Debug, Default)]
pub(super) struct Files {
    new: Vec<(PathBuf, String)>,
    changed: Option<(PathBuf, String)>,
}

impl Files {
    pub(super) fn create(&mut self, path: PathBuf, text: String) {
        self.new.push((path, text));
    }

    /// The one file that is there already and gets another text.
    pub(super) fn change(&mut self, path: PathBuf, text: String) {
        self.changed = Some((path, text));
    }

    /// Writes them; where that does not go on, what is there already is taken back.
    pub(super) fn write(self) -> Result<(), String> {
        self.is_free()?;
        let mut made = Made::default();
        for (path, text) in &self.new {
            let failed = |error| format!("cannot write {path:?}: {error}");
            made.file(path, text).map_err(failed)?;
        }
        if let Some((path, text)) = &self.changed {
            replace(path, text).map_err(|error| format!("cannot change {path:?}: {error}"))?;
        }
        made.paths.clear();
        Ok(())
    }

    /// Whether nothing is in the way of what is new; links that lead nowhere are, too.
    fn is_free(&self) -> Result<(), String> {
        let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
        let there: Vec<_> = self.new.iter().filter(|(path, _)| is_there(path)).collect();
        let named: Vec<_> = there.iter().map(|(path, _)| format!("{path:?}")).collect();
        match named.len() {
            0 => Ok(()),
            1 => Err(format!(
                "{} is there already; nothing is overwritten, and nothing was changed",
                named.join("")
            )),
            _ => Err(format!(
                "{} are there already; nothing is overwritten, and nothing was changed",
                named.join(", ")
            )),
        }
    }
}

/// What was made so far, and is removed unless it is kept.
#[derive(Debug, Default)]
struct Made {
    paths: Vec<PathBuf>,
}

impl Made {
    fn file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        let folders: Vec<_> = path.ancestors().skip(1).collect();
        for folder in folders.into_iter().rev() {
            if folder.as_os_str().is_empty() || folder.is_dir() {
                continue;
            }
            fs::create_dir(folder)?;
            self.paths.push(folder.to_owned());
        }
        // One that has come meanwhile is not overwritten either.
        let mut file = File::create_new(path)?;
        self.paths.push(path.to_owned());
        file.write_all(text.as_bytes())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in self.paths.iter().rev() {
            // What somebody else has put into a folder meanwhile keeps that.
            let _ = match path.is_dir() {
                true => fs::remove_dir(path),
                false => fs::remove_file(path),
            };
        }
    }
}

/// Puts `text` into the place of a file at once, so that nobody ever reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link goes on to lead to it.
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file()
        .set_permissions(fs::metadata(&path)?.permissions())?;
    new.persist(&path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    // A test that panics is a test that fails.
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_was_made_is_taken_back_where_the_rest_cannot_be() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("in_the_way"), "mine").unwrap();
        let mut files = Files::default();
        files.create(at("a/b/c.rs"), "c".to_owned());
        files.create(at("in_the_way/d.rs"), "d".to_owned());
        let error = files.write().unwrap_err();
        assert!(error.starts_with("cannot write "), "{error}");
        assert!(error.contains("in_the_way/d.rs"), "{error}");
        assert!(!at("a").exists());
        assert_eq!(fs::read_to_string(at("in_the_way")).unwrap(), "mine");
    }

    #[test]
    fn every_file_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut files = Files::default();
        for name in ["a", "b", "c"] {
            files.create(at(name), String::new());
        }
        fs::write(at("a"), "mine").unwrap();
        fs::create_dir(at("c")).unwrap();
        let expected = format!(
            "{:?}, {:?} are there already; nothing is overwritten, and nothing was changed",
            at("a"),
            at("c")
        );
        assert_eq!(files.write(), Err(expected));
        assert!(!at("b").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_changed_keeps_its_permissions_and_the_link_to_it() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real.toml"), "old").unwrap();
        fs::set_permissions(at("real.toml"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real.toml", at("Cargo.toml")).unwrap();
        let mut files = Files::default();
        files.change(at("Cargo.toml"), "new".to_owned());
        assert_eq!(files.write(), Ok(()));
        assert!(at("Cargo.toml").is_symlink());
        assert_eq!(fs::read_to_string(at("real.toml")).unwrap(), "new");
        let mode = fs::metadata(at("real.toml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
