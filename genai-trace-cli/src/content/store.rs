//! The store of content beside a traces file: `traces.jsonl.d/content/ab/abcdef....json` is what `sha256:abcdef...` names.
//!
//! Whoever has written the traces may have written anything here. So nothing is read but plain files below the folder
//! that the traces lie in, of a size that a machine bears, and only what is what its name says.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::Gap;

/// The only member of what stands for content that is not there; its value says why.
pub(crate) const MISSING: &str = "genai_trace.missing";
/// The only member of a list of references.
const LIST: &str = "genai_trace.list";
/// The only member around a value that would read as one of those here.
const VALUE: &str = "genai_trace.value";
/// So many bytes are read of one file.
const MOST_OF_ONE: u64 = 16 << 20;
/// So many are read for the spans that are shown at once.
const MOST_OF_ALL: u64 = 64 << 20;
/// More messages has no list.
const MOST_ELEMENTS: usize = 100_000;
/// Where more of a list is not there, the rest of it is not looked for.
const MOST_GAPS: usize = 100;

/// A store.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The folder that the traces lie in: nothing outside it is read.
    root: PathBuf,
}

impl Folder {
    /// The store beside the traces file at `home`.
    pub(super) fn beside(home: &Path) -> Self {
        // A file keeps its store when it is compressed.
        let plain = match home.extension().is_some_and(|ending| ending == "gz") {
            true => home.with_extension(""),
            false => home.to_owned(),
        };
        let mut path = plain.into_os_string();
        path.push(".d");
        let root = match home.parent() {
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent.to_owned(),
            None => PathBuf::from("."),
        };
        Self {
            path: PathBuf::from(path).join("content"),
            root,
        }
    }

    /// The file of a reference, where it is there.
    fn find(&self, digits: &str) -> Result<Option<PathBuf>, Gap> {
        let named = self.file(digits);
        let Ok(path) = fs::canonicalize(&named) else {
            return Ok(None);
        };
        let is_within = fs::canonicalize(&self.root).is_ok_and(|root| path.starts_with(root));
        match is_within && path.is_file() {
            true => Ok(Some(path)),
            false => Err(gap(format!(
                "{} leads elsewhere and is not read",
                named.display()
            ))),
        }
    }

    fn file(&self, digits: &str) -> PathBuf {
        let first = digits.get(..2).unwrap_or_default();
        self.path.join(first).join(format!("{digits}.json"))
    }
}

/// How much may be read still, and what has been.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
    /// With about how much each takes once more.
    read: HashMap<String, (u64, Json)>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: MOST_OF_ALL,
            read: HashMap::new(),
        }
    }
}

impl Budget {
    /// What is stored under a reference: as far as it is there, with a word in the place of what is not.
    pub(super) fn read(
        &mut self,
        folders: &[Folder],
        reference: &str,
        gaps: &mut Vec<Gap>,
    ) -> Json {
        let value = self.item(folders, reference, gaps);
        if let Some(within) = only_member(&value, VALUE) {
            return within.clone();
        }
        let Some(Json::Array(references)) = only_member(&value, LIST) else {
            return value;
        };
        let most_gaps = gaps.len() + MOST_GAPS;
        let elements = references.iter().take(MOST_ELEMENTS);
        let elements = elements.map_while(|reference| {
            let reference = reference.as_str().filter(|_| gaps.len() < most_gaps)?;
            Some(self.item(folders, reference, gaps))
        });
        let mut elements: Vec<Json> = elements.collect();
        let left = references.len() - elements.len();
        if left > 0 {
            elements.push(missing(gap(format!("{left} more are not read")), gaps));
        }
        elements.into()
    }

    fn item(&mut self, folders: &[Folder], reference: &str, gaps: &mut Vec<Gap>) -> Json {
        if let Some((size, known)) = self.read.get(reference)
            && *size <= self.left
        {
            self.left -= size;
            return known.clone();
        }
        let before = self.left;
        match self.stored(folders, reference) {
            Ok(value) => {
                let size = before - self.left;
                self.read
                    .insert(reference.to_owned(), (size, value.clone()));
                value
            }
            Err(found) => missing(found, gaps),
        }
    }

    fn stored(&mut self, folders: &[Folder], reference: &str) -> Result<Json, Gap> {
        let digits = digits_of(reference).ok_or_else(|| {
            let shown: String = reference.chars().take(80).collect();
            gap(format!(
                "{shown:?} is no reference: expected sha256: and 64 hexadecimal digits"
            ))
        })?;
        let (mut path, mut refused) = (None, None);
        for folder in folders {
            match folder.find(digits) {
                Ok(found) => path = path.or(found),
                Err(found) => refused = refused.or(Some(found)),
            }
        }
        // What one folder refuses another may have.
        let path = path.ok_or_else(|| match (refused, folders.last()) {
            (Some(refused), _) => refused,
            (None, Some(folder)) => gap(format!("{} is not there", folder.file(digits).display())),
            (None, None) => gap(format!("{reference} lies beside no file that is read")),
        })?;
        let shown = path.display();
        let failed = |error: std::io::Error| gap(format!("{shown} cannot be read: {error}"));
        let file = File::open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let most = MOST_OF_ONE.min(self.left);
        if length > most {
            return Err(gap(match self.left < MOST_OF_ONE {
                true => format!(
                    "{shown} is not read: {} MiB of what is stored have been",
                    MOST_OF_ALL >> 20
                ),
                false => format!(
                    "{shown} has {} MiB, of which no more than {} are read",
                    length >> 20,
                    MOST_OF_ONE >> 20,
                ),
            }));
        }
        let mut bytes = Vec::new();
        // It may have grown since it was asked how long it is.
        let read = file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        self.left -= u64::try_from(read).unwrap_or(u64::MAX).min(self.left);
        if hash(&bytes) != digits {
            return Err(gap(format!(
                "{shown} is not what was stored under its name"
            )));
        }
        serde_json::from_slice(&bytes).map_err(|error| gap(format!("{shown} is no JSON: {error}")))
    }
}

/// Marks the place of something that is not there.
fn missing(found: Gap, gaps: &mut Vec<Gap>) -> Json {
    let marked = json!({ MISSING: found.words });
    gaps.push(found);
    marked
}

const fn gap(words: String) -> Gap {
    Gap { words }
}

/// The value of a member, where there is no other.
fn only_member<'a>(value: &'a Json, key: &str) -> Option<&'a Json> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get(key)
}

/// The hexadecimal digits of a reference; none where it is none, so that no other path is ever looked at.
fn digits_of(reference: &str) -> Option<&str> {
    let digits = reference.strip_prefix("sha256:")?;
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (digits.len() == 64 && digits.bytes().all(is_digit)).then_some(digits)
}

fn hash(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing into a text does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests;
