//! A new package with an agent that is traced.

use std::ffi::OsStr;

use super::dependency::{NAME, Source};
use super::files::Files;
use super::manifest::Manifest;
use super::place::{Place, shown};
use super::workspace::Workspace;

/// Called so, because a folder with a Cargo.toml would be a package of its own, which this one is published without.
const MANIFEST: &str = include_str!("../../../templates/package/Cargo.toml.template");

/// Whose first line is the package's name.
const README: &str = include_str!("../../../templates/package/README.md");

/// What is the same in every package, and what it is.
const FILES: [(&str, &str, &str); 5] = [
    (
        ".gitignore",
        include_str!("../../../templates/package/gitignore"),
        "keeps traces out of the repository",
    ),
    (
        "src/main.rs",
        include_str!("../../../templates/package/src/main.rs"),
        "begins and ends the traces, prints the metrics",
    ),
    (
        "src/agent.rs",
        include_str!("../../../templates/package/src/agent.rs"),
        "the agent, and a test of what it calls",
    ),
    (
        "src/model.rs",
        include_str!("../../../templates/package/src/model.rs"),
        "the model: a script, until your client stands there",
    ),
    (
        "src/tools.rs",
        include_str!("../../../templates/package/src/tools.rs"),
        "a tool that the model may call, and a gate before it",
    ),
];

pub(super) fn create(place: &Place, source: &Source, name: Option<&str>) -> Result<String, String> {
    let name = match name {
        Some(name) => name,
        None => {
            let name = place.real.file_name().and_then(OsStr::to_str);
            name.ok_or_else(|| {
                format!(
                    "{:?} has no name that a package could have; give it one by --name",
                    place.given
                )
            })?
        }
    };
    super::name::check(name)?;

    let mut workspace = Workspace::of(&place.real)?;
    let mut manifest = Manifest::parse(place.file("Cargo.toml"), MANIFEST.to_owned())?;
    let lender = workspace.as_ref().map(|workspace| &workspace.manifest);
    let dependency = source.value(&place.real, lender)?;
    let depends = format!("depends on {NAME} = {dependency}");
    manifest.call(name);
    manifest.depend(NAME, dependency)?;

    let mut files = Files::default();
    files.create(manifest.path.clone(), manifest.text());
    files.create(place.file("README.md"), README.replacen("agent", name, 1));
    let mut said = format!(
        "The package {name}, with an agent that is traced:\n  Cargo.toml    {depends}\n  README.md     how it is run, looked at and held to limits\n"
    );
    for (path, text, what) in FILES {
        files.create(place.file(path), text.to_owned());
        said.push_str(&format!("  {path:<12}  {what}\n"));
    }
    if let Some(workspace) = &mut workspace
        && let Some(member) = workspace.missing(&place.real)?
    {
        let root = &mut workspace.manifest;
        root.add_member(&member)?;
        files.change(root.path.clone(), root.text());
        let root = shown(&root.path);
        said.push_str(&format!("It is a member of the workspace of {root} now.\n"));
    }
    files.write()?;

    said.push_str("\nIt needs no key:\n");
    said.push_str(&place.cd());
    said.push_str("  cargo run\n  genai-trace show\n  genai-trace serve\n");
    said.push_str(&source.caution());
    Ok(said)
}
