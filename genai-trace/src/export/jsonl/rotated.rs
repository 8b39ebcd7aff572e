//! The rotated files of a traces file: how they are called, and which there are.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::export::utc::{STAMP_LEN, is_stamp, stamp};
use crate::order;

/// The rotated files of one traces file, beside it.
#[derive(Debug)]
pub(crate) struct RotatedSet {
    live: PathBuf,
    folder: PathBuf,
    /// `traces.` for `traces.jsonl`.
    prefix: OsString,
    /// `.jsonl` for it.
    suffix: OsString,
}

/// One rotated file, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rotated {
    /// When it was rotated, in UTC.
    pub(super) stamp: String,
    /// Tells files apart that were rotated at the same time.
    pub(super) number: u64,
    /// Sorts behind the file that it was made of: where that is still there, it is whole.
    pub(crate) is_compressed: bool,
    pub(crate) path: PathBuf,
}

impl Rotated {
    /// What it is called before it is compressed and after it.
    pub(crate) fn name(&self) -> (String, u64) {
        (self.stamp.clone(), self.number)
    }
}

impl RotatedSet {
    /// Those of the file at `path`. A symbolic link stands for the file that it leads to.
    pub(crate) fn of(path: &Path) -> Self {
        let live = match path.is_symlink() {
            true => fs::canonicalize(path).unwrap_or_else(|_| behind_link(path)),
            false => path.to_owned(),
        };
        let folder = match live.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let mut prefix = live.file_stem().unwrap_or_default().to_owned();
        prefix.push(".");
        let mut suffix = OsString::new();
        if let Some(extension) = live.extension() {
            suffix.push(".");
            suffix.push(extension);
        }
        Self {
            live,
            folder,
            prefix,
            suffix,
        }
    }

    /// The file that is written to.
    pub(crate) fn live(&self) -> &Path {
        &self.live
    }

    /// The rotated files that there are, the oldest first. A file is given once: as the compressed
    /// one only where the other is gone.
    pub(crate) fn files(&self) -> io::Result<Vec<Rotated>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            if let Some(rotated) = self.known(&entry?.file_name()) {
                files.push(rotated);
            }
        }
        order::sort_by(&mut files, Rotated::cmp);
        files.dedup_by(|later, first| (&later.stamp, later.number) == (&first.stamp, first.number));
        Ok(files)
    }

    /// The rotated file called `name`, where that is a name of this set.
    fn known(&self, name: &OsStr) -> Option<Rotated> {
        let bytes = name.as_encoded_bytes();
        let rest = bytes.strip_prefix(self.prefix.as_encoded_bytes())?;
        let uncompressed = rest.strip_suffix(b".gz");
        let rest = uncompressed.unwrap_or(rest);
        let rest = rest.strip_suffix(self.suffix.as_encoded_bytes())?;
        let (stamp, number) = rest.split_at_checked(STAMP_LEN)?;
        if !is_stamp(stamp) {
            return None;
        }
        let number = match std::str::from_utf8(number).ok()? {
            "" => 0,
            number => number.strip_prefix('-')?.parse().ok()?,
        };
        Some(Rotated {
            stamp: std::str::from_utf8(stamp).ok()?.to_owned(),
            number,
            is_compressed: uncompressed.is_some(),
            path: self.folder.join(name),
        })
    }

    /// The path of the file that is rotated now: behind all that there are, even where the clock was
    /// set back.
    pub(super) fn next(&self, now: SystemTime) -> io::Result<PathBuf> {
        let now = stamp(now);
        let (stamp, number) = match self.files()?.pop() {
            Some(newest) if newest.stamp >= now => (newest.stamp, newest.number.saturating_add(1)),
            _ => (now, 0),
        };
        let mut name = self.prefix.clone();
        name.push(stamp);
        if number > 0 {
            name.push(format!("-{number}"));
        }
        name.push(&self.suffix);
        Ok(self.folder.join(name))
    }
}

/// What a link leads to while nothing is there: between a rotation and the next line.
fn behind_link(link: &Path) -> PathBuf {
    let leads_to = fs::read_link(link).unwrap_or_else(|_| link.to_owned());
    link.with_file_name("").join(leads_to)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("genai-trace-rotated-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(set: &RotatedSet) -> Vec<String> {
        let files = set.files().unwrap().into_iter();
        files
            .map(|file| {
                file.path
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }

    #[test]
    fn only_names_of_the_set_belong_to_it_and_the_oldest_comes_first() {
        let folder = folder("names");
        for name in [
            "traces.jsonl",
            "traces.2026-11-21T11-43-00.123Z-10.jsonl",
            "traces.2026-11-21T11-43-00.123Z-2.jsonl",
            "traces.2026-11-21T11-43-00.123Z.jsonl",
            "traces.2026-11-21T11-43-00.122Z.jsonl.gz",
            "traces.2026-11-21T11-43-00.122Z.jsonl.gz.part",
            "traces.2026-11-21T11-43-00.123Z-x.jsonl",
            "traces.2026-11-21.jsonl",
            "traces.events.jsonl",
            "other.2026-11-21T11-43-00.123Z.jsonl",
        ] {
            fs::write(folder.join(name), "").unwrap();
        }
        let found = names(&RotatedSet::of(&folder.join("traces.jsonl")));
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(
            found,
            [
                "traces.2026-11-21T11-43-00.122Z.jsonl.gz",
                "traces.2026-11-21T11-43-00.123Z.jsonl",
                "traces.2026-11-21T11-43-00.123Z-2.jsonl",
                "traces.2026-11-21T11-43-00.123Z-10.jsonl",
            ]
        );
    }

    #[test]
    fn a_file_that_is_there_both_ways_is_given_once_as_it_was_written() {
        let folder = folder("both");
        for name in [
            "t.2026-11-21T11-43-00.123Z.gz",
            "t.2026-11-21T11-43-00.123Z",
        ] {
            fs::write(folder.join(name), "").unwrap();
        }
        let found = names(&RotatedSet::of(&folder.join("t")));
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(found, ["t.2026-11-21T11-43-00.123Z"]);
    }

    #[test]
    fn a_new_name_comes_last_even_where_the_clock_was_set_back() {
        let folder = folder("next");
        let set = RotatedSet::of(&folder.join("traces.jsonl"));
        let noon = UNIX_EPOCH + Duration::from_secs(12 * 3600);
        let mut found = Vec::new();
        for back in [0, 0, 60] {
            let path = set.next(noon - Duration::from_secs(back)).unwrap();
            fs::write(&path, "").unwrap();
            found.push(path);
        }
        let sorted: Vec<_> = set.files().unwrap().into_iter().map(|f| f.path).collect();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(sorted, found);
        assert_eq!(
            found[2],
            folder.join("traces.1970-01-01T12-00-00.000Z-2.jsonl")
        );
    }
}
