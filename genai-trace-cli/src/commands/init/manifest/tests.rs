// A test that panics is a test that fails.
#![allow(clippy::unwrap_used)]

use super::*;

fn manifest(text: &str) -> Manifest {
    Manifest::parse("Cargo.toml".into(), text.to_owned()).unwrap()
}

fn with_dependency(text: &str) -> String {
    let mut manifest = manifest(text);
    manifest.depend("genai-trace", "0.1.0".into()).unwrap();
    manifest.text()
}

fn with_member(text: &str) -> String {
    let mut manifest = manifest(text);
    manifest.add_member("agent").unwrap();
    manifest.text()
}

#[test]
fn a_dependency_goes_to_its_place_and_nothing_else_moves() {
    let before = "\
# ours
[package]
name = 'shop'   # single quotes

[dependencies]
# what goes wrong
anyhow = \"1\"
serde   = { version = \"1\",  features = [ \"derive\" ] } # two blanks

# in tests
[dev-dependencies]
tempfile=\"3\"
";
    let after = before.replace("serde  ", "genai-trace = \"0.1.0\"\nserde  ");
    assert_eq!(with_dependency(before), after);
}

#[test]
fn where_dependencies_have_an_order_of_their_own_it_comes_last() {
    let before = "[dependencies]\nserde = \"1\"\nanyhow = \"1\"\n";
    assert_eq!(
        with_dependency(before),
        format!("{before}genai-trace = \"0.1.0\"\n")
    );
}

#[test]
fn a_package_without_dependencies_gets_its_first() {
    let before = "[package]\nname = \"shop\"\n";
    let after = format!("{before}\n[dependencies]\ngenai-trace = \"0.1.0\"\n");
    assert_eq!(with_dependency(before), after);
}

#[test]
fn dependencies_that_are_tables_or_stand_on_one_line_take_another_one() {
    let parsed = |text: &str| {
        manifest(&with_dependency(text))
            .known("genai-trace")
            .unwrap()
            .table
    };
    assert_eq!(
        parsed("[dependencies.serde]\nversion = \"1\"\n"),
        "dependencies"
    );
    assert_eq!(parsed("dependencies = { serde = \"1\" }\n"), "dependencies");
    assert_eq!(parsed("dependencies.serde = \"1\"\n"), "dependencies");
    let mut odd = manifest("dependencies = 3\n");
    let error = odd.depend("genai-trace", "0.1.0".into()).unwrap_err();
    assert_eq!(error, "\"Cargo.toml\": `dependencies` is no table");
}

#[test]
fn ends_of_lines_stay_as_they_are() {
    let before = "[package]\r\nname = \"shop\"\r\n\r\n[dependencies]\r\nanyhow = \"1\" # all\r\n";
    assert_eq!(
        with_dependency(before),
        format!("{before}genai-trace = \"0.1.0\"\r\n")
    );
}

#[test]
fn a_dependency_is_known_by_whatever_name_and_for_whatever_platform() {
    let known = |text: &str| {
        let known = manifest(text).known("genai-trace")?;
        Some((known.table, known.key, known.is_optional))
    };
    let found = |table: &str, key: &str, optional| Some((table.into(), key.into(), optional));
    assert_eq!(known("[dependencies]\ngenai-trace-semconv = \"1\"\n"), None);
    assert_eq!(
        known("[dependencies.genai-trace]\nversion = \"0.1\"\noptional = true\n"),
        found("dependencies", "genai-trace", true)
    );
    assert_eq!(
        known("[dev-dependencies]\nspans = { package = \"genai-trace\", version = \"0.1\" }\n"),
        found("dev-dependencies", "spans", false)
    );
    assert_eq!(
        known("[target.'cfg(unix)'.dependencies]\ngenai-trace.workspace = true\n"),
        found("target.'cfg(unix)'.dependencies", "genai-trace", false)
    );
}

#[test]
fn a_member_goes_behind_the_others() {
    assert_eq!(
        with_member("[workspace]\n"),
        "[workspace]\nmembers = [\"agent\"]\n"
    );
    assert_eq!(
        with_member("[workspace]\nmembers = [\"a\", \"b\"]\n"),
        "[workspace]\nmembers = [\"a\", \"b\", \"agent\"]\n"
    );
    assert_eq!(
        with_member("[workspace]\nmembers = []\n"),
        "[workspace]\nmembers = [\"agent\"]\n"
    );
}

#[test]
fn a_member_gets_a_line_where_they_have_lines_and_comments_stay_with_theirs() {
    assert_eq!(
        with_member("[workspace]\nmembers = [\n  \"a\", # the first\n  \"b\", # the second\n]\n"),
        "[workspace]\nmembers = [\n  \"a\", # the first\n  \"b\", # the second\n  \"agent\",\n]\n"
    );
    assert_eq!(
        with_member("[workspace]\nmembers = [\n\t\"a\",\n\t\"b\"\n]\n"),
        "[workspace]\nmembers = [\n\t\"a\",\n\t\"b\",\n\t\"agent\",\n]\n"
    );
    assert_eq!(
        with_member("[workspace]\nmembers = [\n    # none yet\n]\n"),
        "[workspace]\nmembers = [\n    # none yet\n    \"agent\",\n]\n"
    );
}

#[test]
fn what_is_no_toml_is_named_by_line_and_column() {
    let error = |text: &str| Manifest::parse("Cargo.toml".into(), text.to_owned()).unwrap_err();
    let said = error("[package]\nname = \"é\"x\n");
    assert!(
        said.starts_with("\"Cargo.toml\" is no TOML, line 2, column 11: "),
        "{said}"
    );
    let said = error("[package]\nname = \n");
    assert!(
        said.starts_with("\"Cargo.toml\" is no TOML, line 2, column "),
        "{said}"
    );
    let said = error("[package]\nname = 1\nname = 2\n");
    assert!(
        said.starts_with("\"Cargo.toml\" is no TOML, line 3, column 1: duplicate key"),
        "{said}"
    );
}
