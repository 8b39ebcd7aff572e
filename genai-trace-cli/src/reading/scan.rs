//! Sources that may be read more than once.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use genai_trace::SpanRecord;
use tempfile::NamedTempFile;

use crate::input::{Reading, Source, fold, in_order, sources};
use crate::span::{Brief, PassedOver, records};

/// Sources that may be read more than once.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(super) sources: Vec<Source>,
    /// What came on standard input, as long as it is read.
    _copies: Vec<NamedTempFile>,
}

impl Scan {
    /// These, of which each is read as often as it can be.
    pub(super) const fn of_sources(sources: Vec<Source>) -> Self {
        Self {
            sources,
            _copies: Vec::new(),
        }
    }

    /// What the arguments name; standard input is copied first, since it can be read only once.
    pub(crate) fn of(files: &[PathBuf]) -> Result<Self, String> {
        let mut sources = sources(files)?;
        let mut copies = Vec::new();
        for source in &mut sources {
            let failed = |error: io::Error| format!("cannot keep {source}: {error}");
            let copy = match &*source {
                Source::File(path) if Source::File(path.clone()).is_read_once() => {
                    copied_from(&mut File::open(path).map_err(failed)?).map_err(failed)?
                }
                Source::File(_) | Source::Held(..) => continue,
                Source::Stdin => copied().map_err(failed)?,
            };
            *source = Source::File(copy.path().to_owned());
            copies.push(copy);
        }
        Ok(Self {
            sources,
            _copies: copies,
        })
    }

    /// Shows `each` every span.
    pub(crate) fn each_span<A: Send>(
        &self,
        make: impl Fn() -> A + Sync,
        each: impl Fn(&mut A, &Brief<'_>) + Sync,
    ) -> Result<(Vec<A>, Reading), String> {
        fold(&self.sources, make, |value, line| {
            if let Some(span) = Brief::read(line) {
                each(value, &span);
                return PassedOver::Nothing;
            }
            let Some(found) = records(line) else {
                return PassedOver::Line;
            };
            for record in &found.spans {
                each(value, &Brief::of(record));
            }
            found.left_out.into()
        })
    }

    /// The records of the spans that are `wanted`, in the order of the files and their lines.
    pub(crate) fn records(
        &self,
        wanted: impl Fn(&Brief<'_>) -> bool + Sync,
    ) -> Result<(Vec<SpanRecord>, Reading), String> {
        let mut all = Vec::new();
        let reading = self.each_record(wanted, |record| all.push(record))?;
        Ok((all, reading))
    }

    /// Gives `each` the records of the spans that are `wanted`, in the order of the files and their lines.
    pub(crate) fn each_record(
        &self,
        wanted: impl Fn(&Brief<'_>) -> bool + Sync,
        mut each: impl FnMut(SpanRecord),
    ) -> Result<Reading, String> {
        in_order(
            &self.sources,
            |_, line, made| {
                if Brief::read(line).is_some_and(|span| !wanted(&span)) {
                    return PassedOver::Nothing;
                }
                let Some(found) = records(line) else {
                    return PassedOver::Line;
                };
                let spans = found.spans.into_iter();
                made.extend(spans.filter(|record| wanted(&Brief::of(record))));
                found.left_out.into()
            },
            |record| {
                each(record);
                true
            },
        )
    }

    /// Says on standard error what could not be read.
    pub(crate) fn complain(&self, reading: &Reading) {
        for complaint in reading.complaints(&self.sources) {
            // Where that is closed nobody wants to know.
            let _ = writeln!(io::stderr(), "genai-trace: {complaint}");
        }
    }
}

/// What comes on standard input, in a file.
pub(crate) fn copied() -> io::Result<NamedTempFile> {
    copied_from(&mut io::stdin().lock())
}

fn copied_from(reader: &mut dyn Read) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    io::copy(reader, &mut file)?;
    Ok(file)
}
