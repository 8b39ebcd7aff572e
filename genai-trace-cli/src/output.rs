//! The file that a command writes: none that it reads, and there only when it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::input::Source;

/// That the output is none of the files that are read: whoever writes to one would go on with a file that is gone, and
/// files rotated away from it would be read beside what was made of them.
pub(crate) fn is_another(output: &Path, sources: &[Source]) -> Result<(), String> {
    let place = fs::canonicalize(output).ok();
    let mut paths = sources.iter().filter_map(|source| source.path());
    match paths.any(|path| place.is_some() && fs::canonicalize(path).ok() == place) {
        true => Err(format!(
            "{output:?} is what is read: name another file for the output"
        )),
        false => Ok(()),
    }
}

/// Writes a file beside `path`, which takes its place when it is whole.
pub(crate) fn into_file<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    // Where a link leads, so that it stays one.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = place.as_path();
    let there = fs::metadata(path);
    if there.as_ref().is_ok_and(|there| !there.is_file()) {
        // A pipe or a terminal, whose place nothing should take.
        let file = File::options().write(true).open(path);
        let mut out = BufWriter::new(file?);
        write(&mut out)?;
        return Ok(out.flush()?);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Where it is missing, that is said of it rather than of a file that nobody has named.
    fs::metadata(folder)?;
    let file = temporary(folder, there.as_ref().ok())?;
    let mut out = BufWriter::new(&file);
    write(&mut out)?;
    out.flush()?;
    drop(out);
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A file with the rights of the one whose place it takes, else with those that any new file has.
fn temporary(folder: &Path, there: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    match there {
        Some(there) => _ = builder.permissions(there.permissions()),
        #[cfg(unix)]
        None => {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        #[cfg(not(unix))]
        None => {}
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_until_the_new_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        fs::write(&path, "old").unwrap();
        let failed: io::Result<()> = into_file(&path, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::Other.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        into_file::<io::Error>(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_read_is_not_written_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.jsonl");
        fs::write(&path, "").unwrap();
        let sources = [Source::Stdin, Source::File(path)];
        let same = folder.path().join(".").join("traces.jsonl");
        assert!(is_another(&same, &sources).is_err());
        assert!(is_another(&folder.path().join("report.html"), &sources).is_ok());
    }
}
