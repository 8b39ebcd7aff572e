//! `genai-trace init`

mod dependency;
mod example;
mod files;
mod manifest;
mod name;
mod package;
mod place;
mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use self::dependency::Source;
use self::manifest::Manifest;
use self::place::Place;

/// Begins with genai-trace: a new package with an agent that is traced, or an example in the package that is there.
///
/// In a folder without Cargo.toml, or one that is not there yet, it writes a package that runs offline and without a key:
/// an agent, a model that a script stands in for, a tool, a gate and a test that looks at the spans. Inside a workspace
/// the package becomes a member.
///
/// In a folder with a package it adds the dependency to Cargo.toml and writes examples/traced_agent.rs.
///
/// No file is overwritten. Where one is in the way, or anything else is, nothing is changed, and it exits with 2.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of the package, the current one unless said
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// What the new package is called, as its folder unless said
    #[arg(long)]
    name: Option<String>,
    /// A checkout of genai-trace to depend on, instead of the version of this command
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let given = arguments.folder.as_deref();
    let place = Place::of(given.unwrap_or(Path::new(".")))?;
    let source = Source::of(arguments.path.as_deref())?;
    let manifest = place.file("Cargo.toml");
    // Also where it is a link that leads nowhere.
    if fs::symlink_metadata(&manifest).is_ok() {
        return example::add(
            &place,
            Manifest::read(manifest)?,
            &source,
            arguments.name.as_deref(),
        );
    }
    if given.is_none() {
        place.is_meant()?;
    }
    package::create(&place, &source, arguments.name.as_deref())
}
