//! What a package is to depend on: the version of this command, or a checkout.

use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{InlineTable, Value};

use super::manifest::{Kind, Manifest};
use super::place::{in_toml, way};

/// The library's package.
pub(super) const NAME: &str = "genai-trace";

/// The version of the command, which is that of the library.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the library comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// Wherever cargo finds versions.
    Version,
    /// The folder of its package, from the root.
    Checkout { folder: PathBuf, is_relative: bool },
}

impl Source {
    /// The version, or the checkout at `path`: its root, or the folder of the package in it.
    pub(super) fn of(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else {
            return Ok(Self::Version);
        };
        if !path.is_dir() {
            return Err(format!("--path {path:?}: there is no such folder"));
        }
        for folder in [path.to_owned(), path.join(NAME)] {
            let manifest = folder.join("Cargo.toml");
            if !manifest.exists() || Manifest::read(manifest)?.kind() != Kind::Package(NAME.into())
            {
                continue;
            }
            let failed = |error| format!("cannot look at {folder:?}: {error}");
            return Ok(Self::Checkout {
                folder: fs::canonicalize(&folder).map_err(failed)?,
                is_relative: path.is_relative(),
            });
        }
        Err(format!(
            "--path {path:?}: no checkout of genai-trace, neither it nor a folder {NAME} in it has the Cargo.toml of {NAME}"
        ))
    }

    /// What stands behind `genai-trace =` in the Cargo.toml in `package`, a folder from the root, in a workspace that has
    /// the manifest `root`.
    pub(super) fn value(&self, package: &Path, root: Option<&Manifest>) -> Result<Value, String> {
        match self {
            Self::Checkout {
                folder,
                is_relative,
            } => {
                let path = match is_relative {
                    true => way(package, folder),
                    false => folder.clone(),
                };
                Ok(inline("path", in_toml(&path)?.into()))
            }
            Self::Version if root.is_some_and(|root| root.lends(NAME)) => {
                Ok(inline("workspace", true.into()))
            }
            Self::Version => Ok(VERSION.into()),
        }
    }

    /// What may stand in the way of a first build.
    pub(super) fn caution(&self) -> String {
        match self {
            Self::Checkout { .. } => String::new(),
            Self::Version => format!(
                "\nShould cargo find no {NAME} {VERSION}, because it is not published yet, name a checkout in Cargo.toml instead:\n  {NAME} = {{ path = \"CHECKOUT/{NAME}\" }}\n"
            ),
        }
    }
}

fn inline(key: &str, value: Value) -> Value {
    let mut table = InlineTable::new();
    table.insert(key, value);
    table.into()
}

#[cfg(test)]
mod tests {
    // A test that panics is a test that fails.
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn value(source: &Source, root: &str) -> String {
        let root = Manifest::parse("Cargo.toml".into(), root.to_owned()).unwrap();
        let value = source.value(Path::new("/home/ann/agent"), Some(&root));
        value.unwrap().to_string()
    }

    #[test]
    fn the_version_is_that_of_the_command_unless_the_workspace_has_one() {
        assert_eq!(
            value(&Source::Version, "[workspace]\n"),
            format!("{VERSION:?}")
        );
        let lends = "[workspace.dependencies]\ngenai-trace = \"0.0.1\"\n";
        assert_eq!(value(&Source::Version, lends), "{ workspace = true }");
    }

    #[test]
    fn a_checkout_is_named_as_it_was_given_seen_from_the_package_or_from_the_root() {
        let checkout = |is_relative| Source::Checkout {
            folder: "/home/ann/clone/genai-trace".into(),
            is_relative,
        };
        assert_eq!(
            value(&checkout(true), ""),
            "{ path = \"../clone/genai-trace\" }"
        );
        assert_eq!(
            value(&checkout(false), ""),
            "{ path = \"/home/ann/clone/genai-trace\" }"
        );
    }
}
