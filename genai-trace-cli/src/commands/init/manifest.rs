//! A `Cargo.toml`: read, understood as far as is needed, and changed without a change to what stands in it already.

use std::fs;
use std::path::PathBuf;

use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value,
};

/// Tables that name what a package depends on. What its build script does is of no use to it.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "dev_dependencies"];

#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) path: PathBuf,
    text: String,
    document: DocumentMut,
    is_changed: bool,
}

/// What a manifest is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A package of this name, which may be the root of a workspace as well.
    Package(String),
    /// A workspace alone.
    Workspace,
    /// Nothing that cargo knows.
    Neither,
}

/// A dependency that stands in a manifest.
#[derive(Debug)]
pub(super) struct Known {
    /// Where: `dependencies`, `target.'cfg(unix)'.dependencies`.
    pub(super) table: String,
    /// What the package calls it.
    pub(super) key: String,
    pub(super) is_optional: bool,
    /// Where it comes from, of one that stands for some platforms alone.
    pub(super) of_platform: Option<Value>,
}

/// What says where a dependency comes from. It has to be the same wherever it stands; the rest may differ.
const SOURCE: [&str; 8] = [
    "workspace",
    "version",
    "path",
    "git",
    "branch",
    "tag",
    "rev",
    "registry",
];

impl Manifest {
    pub(super) fn read(path: PathBuf) -> Result<Self, String> {
        let text =
            fs::read_to_string(&path).map_err(|error| format!("cannot read {path:?}: {error}"))?;
        Self::parse(path, text)
    }

    pub(super) fn parse(path: PathBuf, text: String) -> Result<Self, String> {
        let document = text.parse().map_err(|error: TomlError| {
            let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
            // Some of its messages have two lines.
            let what = error.message().trim().replace('\n', ", ");
            format!("{path:?} is no TOML, line {line}, column {column}: {what}")
        })?;
        Ok(Self {
            path,
            text,
            document,
            is_changed: false,
        })
    }

    pub(super) fn kind(&self) -> Kind {
        let name = self.package("name").and_then(Item::as_str);
        match (name, self.document.contains_key("workspace")) {
            (Some(name), _) => Kind::Package(name.to_owned()),
            (None, true) => Kind::Workspace,
            (None, false) => Kind::Neither,
        }
    }

    pub(super) fn is_workspace(&self) -> bool {
        self.document.contains_key("workspace")
    }

    /// What stands in `[package]`.
    pub(super) fn package(&self, key: &str) -> Option<&Item> {
        self.document.get("package")?.get(key)
    }

    /// What members may inherit, of what stands in their `[package]`.
    pub(super) fn lent(&self, key: &str) -> Option<&Item> {
        self.document.get("workspace")?.get("package")?.get(key)
    }

    /// The texts of a list in `[workspace]`.
    pub(super) fn workspace_list(&self, key: &str) -> Vec<&str> {
        let list = self
            .document
            .get("workspace")
            .and_then(|workspace| workspace.get(key));
        let list = list.and_then(Item::as_array);
        list.map_or_else(Vec::new, |list| {
            list.iter().filter_map(Value::as_str).collect()
        })
    }

    /// Whether members may take the package `name` as the workspace has it.
    pub(super) fn lends(&self, name: &str) -> bool {
        let workspace = self.document.get("workspace");
        let lent = workspace.and_then(|workspace| workspace.get("dependencies")?.get(name));
        lent.is_some()
    }

    /// Where the package `name` stands among the dependencies already.
    pub(super) fn known(&self, name: &str) -> Option<Known> {
        let platforms = self.document.get("target").and_then(Item::as_table_like);
        let platforms = platforms.into_iter().flat_map(TableLike::iter);
        let platforms = platforms.filter_map(|(platform, tables)| {
            Some((format!("target.'{platform}'."), tables.as_table_like()?))
        });
        let root: &dyn TableLike = self.document.as_table();
        let mut places = std::iter::once((String::new(), root)).chain(platforms);
        places.find_map(|(place, tables)| {
            DEPENDENCIES.iter().find_map(|table| {
                let mut entries = tables.get(table)?.as_table_like()?.iter();
                let (key, said) = entries.find(|(key, said)| {
                    said.get("package").and_then(Item::as_str).unwrap_or(key) == name
                })?;
                Some(Known {
                    table: format!("{place}{table}"),
                    key: key.to_owned(),
                    is_optional: said.get("optional").and_then(Item::as_bool) == Some(true),
                    of_platform: source_of(said).filter(|_| !place.is_empty()),
                })
            })
        })
    }

    /// Adds a dependency; to its place in the alphabet, where the others stand so.
    pub(super) fn depend(&mut self, name: &str, on: Value) -> Result<(), String> {
        self.is_changed = true;
        let table = self
            .document
            .entry("dependencies")
            .or_insert(Item::Table(Table::new()));
        let Some(table) = table.as_table_like_mut() else {
            return Err(format!("{:?}: `dependencies` is no table", self.path));
        };
        let is_sorted = table.iter().map(|(key, _)| key).is_sorted();
        table.insert(name, Item::Value(on));
        if is_sorted {
            table.sort_values();
        }
        Ok(())
    }

    /// Names the package.
    pub(super) fn call(&mut self, name: &str) {
        if let Some(package) = self
            .document
            .get_mut("package")
            .and_then(Item::as_table_like_mut)
        {
            package.insert("name", Item::Value(name.into()));
        }
    }

    /// Names an example where cargo does not look for them.
    pub(super) fn name_example(&mut self, name: &str) -> Result<(), String> {
        self.is_changed = true;
        let examples = self.document.entry("example");
        let examples = examples.or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(examples) = examples.as_array_of_tables_mut() else {
            return Err(format!("{:?}: `example` is no list of tables", self.path));
        };
        let is_named = |example: &Table| example.get("name").and_then(Item::as_str) == Some(name);
        if examples.iter().any(is_named) {
            return Err(format!(
                "{:?} has an example called {name:?} already; nothing was changed",
                self.path
            ));
        }
        let mut example = Table::new();
        example.insert("name", Item::Value(name.into()));
        examples.push(example);
        Ok(())
    }

    /// Adds a member to the workspace, behind the others and on a line of its own where they stand so.
    pub(super) fn add_member(&mut self, member: &str) -> Result<(), String> {
        let members = self
            .document
            .get_mut("workspace")
            .and_then(Item::as_table_like_mut);
        let members =
            members.map(|workspace| workspace.entry("members").or_insert(Array::new().into()));
        let Some(members) = members.and_then(Item::as_array_mut) else {
            return Err(format!("{:?}: `workspace.members` is no list", self.path));
        };
        let said = |raw: Option<&toml_edit::RawString>| {
            raw.and_then(toml_edit::RawString::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let mut behind = said(Some(members.trailing()));
        let mut indent = "    ".to_owned();
        let last = members
            .len()
            .checked_sub(1)
            .and_then(|last| members.get_mut(last));
        if let Some(last) = last {
            // A comment on the last one stays there.
            behind.insert_str(0, &said(last.decor().suffix()));
            let prefix = said(last.decor().prefix());
            if let Some((_, before)) = prefix.rsplit_once('\n') {
                before.clone_into(&mut indent);
            }
            if behind.contains('\n') {
                last.decor_mut().set_suffix("");
            }
        }
        if !behind.contains('\n') {
            members.push(member);
            return Ok(());
        }
        let mut added = Value::from(member);
        added
            .decor_mut()
            .set_prefix(format!("{}\n{indent}", behind.trim_end()));
        members.push_formatted(added);
        members.set_trailing("\n");
        members.set_trailing_comma(true);
        Ok(())
    }

    /// Whether anything was added.
    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Its text, with what was changed and the ends of lines that it had.
    pub(super) fn text(&self) -> String {
        let text = self.document.to_string();
        let is_windows = self
            .text
            .split('\n')
            .next()
            .is_some_and(|line| line.ends_with('\r'));
        match is_windows {
            true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
            false => text,
        }
    }
}

/// A dependency that comes from where this one does, and is like any other.
fn source_of(said: &Item) -> Option<Value> {
    let plain = |item: &Item| {
        let mut value = item.as_value()?.clone();
        value.decor_mut().clear();
        Some(value)
    };
    let Some(table) = said.as_table_like() else {
        return plain(said);
    };
    let keys = SOURCE.iter();
    let found = keys.filter_map(|key| Some((*key, plain(table.get(key)?)?)));
    let found: Vec<(&str, Value)> = found.collect();
    match <[_; 1]>::try_from(found) {
        Ok([("version", version)]) => Some(version),
        Ok([one]) => Some(InlineTable::from_iter([one]).into()),
        Err(several) => Some(InlineTable::from_iter(several).into()),
    }
}

/// The line and column of a byte, counted from one.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

#[cfg(test)]
mod tests;
