//! An example in a package that is there.

use toml_edit::Item;

use super::dependency::{NAME, Source};
use super::files::Files;
use super::manifest::{Kind, Known, Manifest};
use super::place::{Place, shown};
use super::workspace::Workspace;
use crate::text::visible;

const TEXT: &str = include_str!("../../../templates/example/traced_agent.rs");

const PATH: &str = "examples/traced_agent.rs";

/// The compiler that the library needs, which is that of this command.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

pub(super) fn add(
    place: &Place,
    mut manifest: Manifest,
    source: &Source,
    name: Option<&str>,
) -> Result<String, String> {
    let path = manifest.path.clone();
    let package = match manifest.kind() {
        Kind::Package(package) => package,
        Kind::Workspace => return Err(members(place, manifest)),
        Kind::Neither => return Err(format!("{path:?} has neither [package] nor [workspace]")),
    };
    if let Some(name) = name {
        return Err(format!(
            "--name {name:?} is for a new package, and {path:?} has one already, {package:?}; name another folder, or leave --name out"
        ));
    }
    let above = match manifest.is_workspace() {
        true => None,
        false => Workspace::of(&place.real)?,
    };
    let lender = above.as_ref().map_or(&manifest, |above| &above.manifest);
    // One that is not said is the oldest.
    let edition = match manifest.package("edition") {
        None => Some(("2015", &manifest)),
        Some(_) => in_package(&manifest, lender, "edition"),
    };
    if let Some(("2015", at)) = edition {
        let from = match at.path == path {
            true => String::new(),
            false => format!(", which it inherits from {:?}", at.path),
        };
        return Err(format!(
            "{path:?} is of edition 2015{from}: the example needs 2018 or later"
        ));
    }
    let older = older(&manifest, lender).map(|(older, at)| {
        let at = match at.path == path {
            true => "Cargo.toml".to_owned(),
            false => shown(&at.path),
        };
        format!("  rust-version              is {older} in {at}, and {NAME} needs {RUST}\n")
    });

    let mut files = Files::default();
    files.create(place.file(PATH), TEXT.to_owned());
    let (depends, caution) = match manifest.known(NAME) {
        Some(known) => {
            let depends = already(&manifest, &known)?;
            // The example is built on every platform.
            if let Some(value) = known.of_platform {
                manifest.depend(NAME, value)?;
            }
            (depends, String::new())
        }
        None => {
            let value = source.value(&place.real, Some(lender))?;
            let said = format!("now depends on {NAME} = {value}");
            manifest.depend(NAME, value)?;
            (said, source.caution())
        }
    };
    if manifest.package("autoexamples").and_then(Item::as_bool) == Some(false) {
        manifest.name_example("traced_agent")?;
    }
    if manifest.is_changed() {
        files.change(path, manifest.text());
    }
    files.write()?;

    let mut said = format!(
        "The package {package}, with an example of an agent that is traced:\n  Cargo.toml                {depends}\n  {PATH}  an agent, a model that a script stands in for, a tool\n",
        package = visible(&package)
    );
    said.extend(older);
    said.push_str(&format!(
        "
It needs no key:
{cd}  cargo run --example traced_agent
  genai-trace show

For your own agent, the first line of `main`, and a line above the function that runs it:
  let _telemetry = genai_trace::init()?; // or .unwrap(), where main returns nothing
  #[genai_trace::genai_agent({package:?})]
Calls of models and tools get one each, too: #[genai_trace::genai_chat], #[genai_trace::genai_tool].
Traces are written to traces.jsonl, which belongs into .gitignore.
",
        cd = place.cd()
    ));
    said.push_str(&caution);
    Ok(said)
}

/// What is said of a dependency that is there, where the example can do with it.
fn already(manifest: &Manifest, known: &Known) -> Result<String, String> {
    let Known {
        table,
        key,
        is_optional,
        of_platform,
    } = known;
    let path = &manifest.path;
    if key.replace('-', "_") != "genai_trace" {
        return Err(format!(
            "{path:?} depends on {NAME} as {key:?}, and the example would name it genai_trace"
        ));
    }
    if *is_optional {
        return Err(format!(
            "{path:?} depends on {NAME} only where a feature asks for it, and the example would not compile without"
        ));
    }
    Ok(match of_platform {
        None => format!("depends on {NAME} already, in [{table}]: left as it is"),
        Some(value) => {
            format!("now depends on {NAME} = {value} on every platform, beside [{table}]")
        }
    })
}

/// What is said in `[package]`, also where the workspace says it for its members; and whose manifest says it.
fn in_package<'a>(
    manifest: &'a Manifest,
    lender: &'a Manifest,
    key: &str,
) -> Option<(&'a str, &'a Manifest)> {
    let item = manifest.package(key)?;
    match item.get("workspace").and_then(Item::as_bool) {
        Some(true) => Some((lender.lent(key)?.as_str()?, lender)),
        _ => Some((item.as_str()?, manifest)),
    }
}

/// Why there is no example in a workspace without a package.
fn members(place: &Place, manifest: Manifest) -> String {
    let path = manifest.path.clone();
    let members = Workspace::at(manifest, &place.real).members();
    let choice: Vec<_> = members
        .iter()
        .map(|member| format!("{:?}", place.file(member)))
        .collect();
    let choice = match choice.len() {
        0 => String::new(),
        _ => format!("one of its members, {}, or ", choice.join(", ")),
    };
    format!(
        "{path:?} is of a workspace without a package of its own: name {choice}a folder for a new member"
    )
}

/// The compiler that the package promises to do with, where that is too old for the library.
fn older<'a>(manifest: &'a Manifest, lender: &'a Manifest) -> Option<(&'a str, &'a Manifest)> {
    let (promised, at) = in_package(manifest, lender, "rust-version")?;
    let numbers = |version: &str| -> Vec<u32> {
        version
            .split('.')
            .map_while(|number| number.parse().ok())
            .collect()
    };
    (numbers(promised) < numbers(RUST)).then_some((promised, at))
}

#[cfg(test)]
mod tests {
    // A test that panics is a test that fails.
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::path::Path;

    use super::*;

    /// What is said of a package with this manifest, and what the manifest is then.
    fn added(text: &str) -> (Result<String, String>, String) {
        let folder = tempfile::tempdir().unwrap();
        // Whatever lies above it is none of its business.
        let text = format!("{text}\n[workspace]\n");
        fs::write(folder.path().join("Cargo.toml"), &text).unwrap();
        let place = Place::of(folder.path()).unwrap();
        let manifest = Manifest::read(place.file("Cargo.toml")).unwrap();
        let said = add(&place, manifest, &Source::Version, None);
        let example = folder.path().join(PATH);
        assert_eq!(said.is_ok(), example.exists(), "all or nothing");
        let said = said.map_err(|error| {
            let folder: &Path = folder.path();
            error.replace(&format!("{}/", folder.display()), "")
        });
        (
            said,
            fs::read_to_string(place.file("Cargo.toml"))
                .unwrap()
                .replace("\n[workspace]\n", ""),
        )
    }

    #[test]
    fn a_dependency_that_is_there_is_left_as_it_is() {
        let text = "[package]\nname = \"shop\"\nedition = \"2024\"\n[dev-dependencies]\r\ngenai-trace   = '0.0.1'\n";
        let (said, manifest) = added(text);
        let said = said.unwrap();
        assert!(
            said.contains("depends on genai-trace already, in [dev-dependencies]: left as it is\n"),
            "{said}"
        );
        assert!(!said.contains("published"), "{said}");
        assert_eq!(manifest, text);
    }

    #[test]
    fn a_dependency_of_one_platform_becomes_one_of_all_that_comes_from_the_same_place() {
        for (there, everywhere) in [
            ("\"0.0.1\"", "\"0.0.1\""),
            (
                "{ version = \"0.0.1\", features = [\"signals\"] }",
                "\"0.0.1\"",
            ),
            (
                "{ path = \"../clone\", default-features = false }",
                "{ path = \"../clone\" }",
            ),
            ("{ workspace = true }", "{ workspace = true }"),
        ] {
            let text = format!(
                "[package]\nname = \"shop\"\nedition = \"2024\"\n[target.'cfg(unix)'.dependencies]\ngenai-trace = {there}\n"
            );
            let (said, manifest) = added(&text);
            let depends = format!(
                "now depends on genai-trace = {everywhere} on every platform, beside [target.'cfg(unix)'.dependencies]\n"
            );
            let said = said.unwrap();
            assert!(said.contains(&depends), "{said}");
            let added = format!("\n[dependencies]\ngenai-trace = {everywhere}\n");
            assert_eq!(manifest, text + &added);
        }
    }

    /// What is said of a member with this manifest, of a workspace with that.
    fn added_to_member(member: &str, root: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir(real.join("shop")).unwrap();
        fs::write(real.join("Cargo.toml"), root).unwrap();
        fs::write(real.join("shop/Cargo.toml"), member).unwrap();
        let place = Place::of(&real.join("shop")).unwrap();
        let manifest = Manifest::read(place.file("Cargo.toml")).unwrap();
        let said = add(&place, manifest, &Source::Version, None);
        assert_eq!(said.is_ok(), real.join("shop").join(PATH).exists());
        said.map_err(|error| error.replace(&format!("{}/", real.display()), ""))
    }

    #[test]
    fn what_is_inherited_is_what_the_workspace_says() {
        let member = "[package]\nname = \"shop\"\nedition.workspace = true\nrust-version = { workspace = true }\n";
        let root = |edition: &str| {
            format!(
                "[workspace]\nmembers = [\"shop\"]\n[workspace.package]\nedition = \"{edition}\"\nrust-version = \"1.70\"\n"
            )
        };
        let said = added_to_member(member, &root("2018")).unwrap();
        let old = format!("Cargo.toml, and genai-trace needs {RUST}\n");
        assert!(
            said.contains("is 1.70 in ") && said.contains(&old),
            "{said}"
        );
        let refused = "\"shop/Cargo.toml\" is of edition 2015, which it inherits from \"Cargo.toml\": the example needs 2018 or later";
        assert_eq!(
            added_to_member(member, &root("2015")),
            Err(refused.to_owned())
        );
    }

    #[test]
    fn an_example_that_would_not_compile_is_not_written() {
        for (text, why) in [
            (
                "name = \"shop\"\nedition = \"2024\"\n[dependencies]\nspans = { package = \"genai-trace\", version = \"0.1\" }",
                "\"Cargo.toml\" depends on genai-trace as \"spans\", and the example would name it genai_trace",
            ),
            (
                "name = \"shop\"\nedition = \"2024\"\n[dependencies]\ngenai-trace = { version = \"0.1\", optional = true }",
                "\"Cargo.toml\" depends on genai-trace only where a feature asks for it, and the example would not compile without",
            ),
            (
                "name = \"shop\"",
                "\"Cargo.toml\" is of edition 2015: the example needs 2018 or later",
            ),
        ] {
            let text = format!("[package]\n{text}\n");
            assert_eq!(added(&text), (Err(why.to_owned()), text));
        }
    }

    #[test]
    fn a_compiler_that_is_promised_and_too_old_is_named() {
        let said = |version: &str| {
            let text = "[package]\nname = \"shop\"\nedition = \"2021\"\nrust-version = ";
            added(&format!("{text}\"{version}\"\n")).0.unwrap()
        };
        let old = format!("is 1.80.1 in Cargo.toml, and genai-trace needs {RUST}");
        assert!(said("1.80.1").contains(&old));
        assert!(!said(RUST).contains("rust-version"));
    }
}
