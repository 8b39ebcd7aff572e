//! The folder that is meant, as it was given and as it really is.

use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::manifest::{Kind, Manifest};
use crate::text::visible;

/// A folder that is there, or will be.
#[derive(Debug)]
pub(super) struct Place {
    /// As it was given.
    pub(super) given: PathBuf,
    /// From the root, without links.
    pub(super) real: PathBuf,
}

impl Place {
    pub(super) fn of(given: &Path) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot look at {given:?}: {error}");
        if given.as_os_str().is_empty() {
            return Err("the folder \"\" is none".to_owned());
        }
        let absolute = std::path::absolute(given).map_err(failed)?;
        // A link that leads nowhere is there, too.
        let is_there = |folder: &&Path| fs::symlink_metadata(folder).is_ok();
        let there = absolute.ancestors().find(is_there);
        let there = there.ok_or_else(|| format!("no folder above {given:?} is there"))?;
        if !there.is_dir() {
            return Err(format!("{there:?} is no folder"));
        }
        let rest = absolute.strip_prefix(there).unwrap_or(Path::new(""));
        if !rest
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(format!(
                "{given:?} leads through a folder that is not there"
            ));
        }
        let mut real = fs::canonicalize(there).map_err(failed)?;
        real.extend(rest);
        Ok(Self {
            given: given.to_owned(),
            real,
        })
    }

    /// The path of a file in it, to be shown and opened.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        match self.given == Path::new(".") {
            true => PathBuf::from(name),
            false => self.given.join(name),
        }
    }

    /// The line that goes there, where one is elsewhere.
    pub(super) fn cd(&self) -> String {
        match self.given == Path::new(".") {
            true => String::new(),
            false => format!("  cd {}\n", in_shell(&self.given.to_string_lossy())),
        }
    }

    /// Whether a new package is meant here, where nobody has said so: not in a folder of a package that has one already,
    /// which cargo would take for that package's.
    pub(super) fn is_meant(&self) -> Result<(), String> {
        let is_empty = fs::read_dir(&self.real).is_ok_and(|mut entries| entries.next().is_none());
        let mut above = self.real.ancestors().skip(1).enumerate();
        let Some((levels, folder)) = above.find(|(_, folder)| folder.join("Cargo.toml").exists())
        else {
            return Ok(());
        };
        match Manifest::read(folder.join("Cargo.toml"))?.kind() {
            Kind::Package(name) if !is_empty => {
                let up = vec![".."; levels + 1].join("/");
                Err(format!(
                    "this folder is one of the package {name:?}: `genai-trace init {up}` adds an example to that, `genai-trace init .` begins a new package here"
                ))
            }
            _ => Ok(()),
        }
    }
}

/// A folder as shells take it.
fn in_shell(folder: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    match !folder.starts_with('-') && folder.chars().all(is_plain) {
        true => folder.to_owned(),
        false => format!("-- '{}'", visible(&folder.replace('\'', r"'\''"))),
    }
}

/// The way from one folder to another, both from the root and without links; the other itself where there is none.
pub(super) fn way(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components());
    let shared = shared.take_while(|(from, to)| from == to).count();
    if shared == 0 {
        return to.to_owned();
    }
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    match way.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => way,
    }
}

/// A path from the root, as one sees it from the current folder.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    let seen = here.map_or_else(|_| path.to_owned(), |here| way(&here, path));
    visible(&seen.to_string_lossy())
}

/// A path as manifests have it.
pub(super) fn in_toml(path: &Path) -> Result<String, String> {
    let text = path.to_str();
    let text =
        text.ok_or_else(|| format!("{path:?} cannot stand in a Cargo.toml: it is no Unicode"))?;
    Ok(match cfg!(windows) {
        true => text.replace('\\', "/"),
        false => text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    // A test that panics is a test that fails.
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_way_leads_up_as_far_as_both_have_in_common_and_down_again() {
        let way = |from, to| way(Path::new(from), Path::new(to));
        assert_eq!(
            way("/home/ann/agent", "/home/ann/genai-trace"),
            Path::new("../genai-trace")
        );
        assert_eq!(way("/home/ann", "/home/ann/a/b"), Path::new("a/b"));
        assert_eq!(way("/home/ann/a/b", "/home/ann"), Path::new("../.."));
        assert_eq!(way("/home/ann", "/home/ann"), Path::new("."));
    }

    #[test]
    fn a_folder_that_is_not_there_lies_in_one_that_is() {
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        let place = Place::of(&folder.path().join("a/b")).unwrap();
        assert_eq!(place.real, real.join("a/b"));
        let error = Place::of(&folder.path().join("a/../b")).unwrap_err();
        assert!(
            error.ends_with("leads through a folder that is not there"),
            "{error}"
        );
    }

    #[test]
    fn folders_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(in_shell("../my-agent"), "../my-agent");
        assert_eq!(in_shell("my agent"), "-- 'my agent'");
        assert_eq!(in_shell("ann's"), r"-- 'ann'\''s'");
        assert_eq!(in_shell("-x"), "-- '-x'");
        assert_eq!(in_shell("a\u{1b}[2J"), r"-- 'a\u{1b}[2J'");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for given in [&link, &link.join("below")] {
            assert_eq!(
                Place::of(given).unwrap_err(),
                format!("{link:?} is no folder")
            );
        }
    }

    #[test]
    fn a_folder_of_a_package_is_not_taken_for_a_new_one_unless_it_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("shop/src");
        fs::create_dir_all(&source).unwrap();
        fs::write(
            folder.path().join("shop/Cargo.toml"),
            "[package]\nname = \"shop\"\n",
        )
        .unwrap();
        let is_meant = || Place::of(&source).unwrap().is_meant();
        assert_eq!(is_meant(), Ok(()));
        fs::write(source.join("lib.rs"), "").unwrap();
        let error = "this folder is one of the package \"shop\": `genai-trace init ..` adds an example to that, `genai-trace init .` begins a new package here";
        assert_eq!(is_meant(), Err(error.to_owned()));
    }
}
