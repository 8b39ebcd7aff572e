//! The workspace that a package is in, and who its members are, by the rules of cargo.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::manifest::{Kind, Manifest};
use super::place::{in_toml, way};

/// As cargo expands a member's `*`: within one name.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) manifest: Manifest,
    folder: PathBuf,
}

impl Workspace {
    /// The workspace that a package in `folder` is in, where there is any. The folder is one from the root.
    pub(super) fn of(folder: &Path) -> Result<Option<Self>, String> {
        for above in folder.ancestors().skip(1) {
            let path = above.join("Cargo.toml");
            if !path.exists() {
                continue;
            }
            let manifest = Manifest::read(path)?;
            if manifest.kind() == Kind::Neither {
                return Err(format!(
                    "cargo builds nothing below {:?}: it has neither [package] nor [workspace]",
                    manifest.path
                ));
            }
            if !manifest.is_workspace() {
                continue;
            }
            let found = Self::at(manifest, above);
            if !found.excludes(folder) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The workspace whose root is in `folder`.
    pub(super) fn at(manifest: Manifest, folder: &Path) -> Self {
        Self {
            manifest,
            folder: folder.to_owned(),
        }
    }

    fn excludes(&self, folder: &Path) -> bool {
        let is_below = |key| {
            let mut folders = self.manifest.workspace_list(key).into_iter();
            folders.any(|listed| folder.starts_with(self.folder.join(listed)))
        };
        is_below("exclude") && !is_below("members")
    }

    /// What is to be added to its members for the package in `folder`, if anything is.
    pub(super) fn missing(&self, folder: &Path) -> Result<Option<String>, String> {
        let wanted = in_toml(&way(&self.folder, folder))?;
        let members = self.manifest.workspace_list("members");
        let is_member = members.into_iter().any(|member| {
            let member = member.trim_start_matches("./").trim_end_matches('/');
            let pattern = Pattern::new(member);
            member == wanted || pattern.is_ok_and(|pattern| pattern.matches_with(&wanted, MATCHING))
        });
        Ok((!is_member).then_some(wanted))
    }

    /// The folders of its members that are there, seen from its root.
    pub(super) fn members(&self) -> Vec<String> {
        let mut found = Vec::new();
        for member in self.manifest.workspace_list("members") {
            // What lies above is no pattern.
            let root = Pattern::escape(&self.folder.to_string_lossy());
            let Ok(folders) = glob::glob(&format!("{root}/{member}")) else {
                continue;
            };
            for folder in folders.flatten() {
                let folder = std::fs::canonicalize(&folder).unwrap_or(folder);
                if folder.join("Cargo.toml").exists() {
                    found.extend(in_toml(&way(&self.folder, &folder)));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    // A test that panics is a test that fails.
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use super::*;

    fn workspace(text: &str) -> Workspace {
        let manifest = Manifest::parse("/home/me/Cargo.toml".into(), text.to_owned()).unwrap();
        Workspace::at(manifest, Path::new("/home/me"))
    }

    fn missing(text: &str, folder: &str) -> Option<String> {
        workspace(text).missing(Path::new(folder)).unwrap()
    }

    #[test]
    fn a_pattern_has_members_as_deep_as_it_says() {
        let text = "[workspace]\nmembers = [\"./crates/*\", \"tool/\"]\n";
        assert_eq!(missing(text, "/home/me/crates/agent"), None);
        assert_eq!(missing(text, "/home/me/tool"), None);
        assert_eq!(
            missing(text, "/home/me/crates/deep/agent"),
            Some("crates/deep/agent".into())
        );
        assert_eq!(missing(text, "/home/me/agent"), Some("agent".into()));
        assert_eq!(
            missing("[workspace]\n", "/home/me/agent"),
            Some("agent".into())
        );
        assert_eq!(
            missing("[workspace]\n", "/home/agent"),
            Some("../agent".into())
        );
    }

    #[test]
    fn what_is_excluded_is_in_no_workspace_unless_it_is_a_member_all_the_same() {
        let text = "[workspace]\nexclude = [\"old\"]\nmembers = [\"old/kept\"]\n";
        let excludes = |folder: &str| workspace(text).excludes(Path::new(folder));
        assert!(excludes("/home/me/old/agent"));
        assert!(!excludes("/home/me/old/kept"));
        assert!(!excludes("/home/me/older"));
    }

    #[test]
    fn the_nearest_workspace_counts_and_packages_on_the_way_to_it_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nmembers = [\"*\"]\n");
        write("shop/Cargo.toml", "[package]\nname = \"shop\"\n");
        write("odd/Cargo.toml", "");
        let found = Workspace::of(&root.join("shop/agent")).unwrap().unwrap();
        assert_eq!(found.manifest.path, root.join("Cargo.toml"));
        assert_eq!(found.members(), ["odd", "shop"]);
        assert_eq!(
            Workspace::of(&root.join("odd/agent")).unwrap_err(),
            format!(
                "cargo builds nothing below {:?}: it has neither [package] nor [workspace]",
                root.join("odd/Cargo.toml")
            )
        );
    }
}
