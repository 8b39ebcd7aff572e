//! How a traces file is written: rotation, compression, and what a power cut may cost.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use super::JsonlExporter;
use super::file::{JsonlFile, Settings};
use super::rotation::Rotation;

/// When lines are forced onto the disk.
///
/// A crash of the process, `kill -9` included, costs none of the lines that were written: they are
/// with the operating system. This is about power cuts and crashes of the machine.
///
/// ```
/// use genai_trace::{JsonlExporter, SyncPolicy};
///
/// let options = JsonlExporter::options().sync(SyncPolicy::OnFlush);
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SyncPolicy {
    /// The operating system writes when it sees fit. A power cut costs what was written in the last
    /// half minute or so (on Linux: `vm.dirty_expire_centisecs`), and may leave a hole of zero bytes,
    /// which [`SpanReader`](crate::SpanReader) passes over.
    #[default]
    Never,
    /// With every [`flush`](crate::Telemetry::flush), at shutdown, and before a file is left for the
    /// next. A power cut costs at most what was written since.
    OnFlush,
    /// After every write, some 20 times a second at most while spans come steadily, and once for each
    /// 128 KiB in a burst. A power cut costs what ended in the last 50 ms, and what waits meanwhile: a
    /// disk takes 1 to 30 ms each time. The caller waits for none of it.
    EveryWrite,
}

/// How a traces file is written. Made by [`JsonlExporter::options`].
///
/// ```
/// use std::time::Duration;
///
/// use genai_trace::{JsonlExporter, Telemetry, span};
///
/// # let folder = std::env::temp_dir().join(format!("genai-trace-options-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("traces.jsonl");
/// let options = JsonlExporter::options()
///     .rotate_at_bytes(64 * 1024 * 1024)
///     .rotate_every(Duration::from_secs(24 * 3600))
///     .keep(7);
/// let telemetry = Telemetry::builder().jsonl_with(&path, options).install()?;
/// span("hello").run(|| {});
/// drop(telemetry);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Rotation
///
/// `traces.jsonl` is renamed to `traces.2026-11-21T11-43-00.123Z.jsonl`, by the time in UTC, and a new
/// one is begun with the same permissions. Where the name is taken `-1`, `-2` ... stand behind the time.
/// It happens at the end of a line, when there is something to write: a file that nobody writes to is
/// left alone. Several processes may share a file and should share its options: each line ends up in
/// one file, and only one process rotates. Pipes and devices are not rotated.
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is written before the file is opened"]
pub struct JsonlOptions {
    rotation: Rotation,
    sync: SyncPolicy,
    #[cfg(feature = "gzip")]
    compress: bool,
}

/// An option has a value that means nothing.
#[derive(Debug)]
pub(crate) struct BadOption {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) expected: &'static str,
}

impl JsonlOptions {
    /// Begins a new file before this one would be larger than `bytes`, at least 1; never unless said.
    /// A line that is larger by itself is written whole, to a file of its own.
    pub fn rotate_at_bytes(mut self, bytes: u64) -> Self {
        self.rotation.at_bytes = Some(bytes);
        self
    }

    /// Begins a new file when the first line of this one is as old as `age`, by the end of its span and
    /// so also when an earlier process wrote it; never unless said.
    pub fn rotate_every(mut self, age: Duration) -> Self {
        self.rotation.every = Some(age);
        self
    }

    /// Keeps the newest `files` rotated files, at least 1, and removes older ones; all unless said.
    pub fn keep(mut self, files: usize) -> Self {
        self.rotation.keep = Some(files);
        self
    }

    /// Compresses rotated files to `.jsonl.gz`, on a thread of its own; not unless said. The file is
    /// there uncompressed until all of it is on the disk compressed. Where that fails it stays, the
    /// failure is counted in `genai_trace_export_errors_total`, and the next rotation tries again.
    #[cfg(feature = "gzip")]
    pub fn compress(mut self, compress: bool) -> Self {
        self.compress = compress;
        self
    }

    /// Says when lines are forced onto the disk: [`SyncPolicy::Never`] unless said.
    pub fn sync(mut self, policy: SyncPolicy) -> Self {
        self.sync = policy;
        self
    }

    /// Opens the file at `path`, which is made where there is none.
    ///
    /// # Errors
    /// An option that means nothing ([`ErrorKind::InvalidInput`]), or what the file system says: a folder
    /// that is missing, a folder in the file's place, no permission, a named pipe that nobody reads.
    pub fn open(self, path: impl AsRef<Path>) -> io::Result<JsonlExporter> {
        self.check().map_err(|bad| {
            io::Error::new(
                ErrorKind::InvalidInput,
                format!("{}({}): expected {}", bad.name, bad.value, bad.expected),
            )
        })?;
        let settings = Settings {
            rotation: self.rotation,
            sync: self.sync,
            #[cfg(feature = "gzip")]
            compress: self.compress,
        };
        Ok(JsonlExporter::of(JsonlFile::open(path.as_ref(), settings)?))
    }

    /// Whether each option means something.
    pub(crate) fn check(&self) -> Result<(), BadOption> {
        let bad = |name, value, expected| {
            Err(BadOption {
                name,
                value,
                expected,
            })
        };
        let rotation = &self.rotation;
        let without = "rotate_at_bytes or rotate_every beside it";
        if rotation.at_bytes == Some(0) {
            return bad("rotate_at_bytes", "0".to_owned(), "1 or more");
        }
        if let Some(every) = rotation.every.filter(Duration::is_zero) {
            return bad("rotate_every", format!("{every:?}"), "more than 0 s");
        }
        if rotation.keep == Some(0) {
            return bad("keep", "0".to_owned(), "1 or more");
        }
        if let Some(keep) = rotation.keep.filter(|_| !rotation.is_on()) {
            return bad("keep", keep.to_string(), without);
        }
        #[cfg(feature = "gzip")]
        if self.compress && !rotation.is_on() {
            return bad("compress", "true".to_owned(), without);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(options: JsonlOptions) -> String {
        let error = options.open("/never/made").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.to_string()
    }

    #[test]
    fn an_option_that_means_nothing_is_named_with_what_is_allowed() {
        let options = JsonlExporter::options;
        assert_eq!(
            [
                refused(options().rotate_at_bytes(0)),
                refused(options().rotate_every(Duration::ZERO)),
                refused(options().rotate_at_bytes(1).keep(0)),
                refused(options().keep(3)),
            ],
            [
                "rotate_at_bytes(0): expected 1 or more",
                "rotate_every(0ns): expected more than 0 s",
                "keep(0): expected 1 or more",
                "keep(3): expected rotate_at_bytes or rotate_every beside it",
            ]
        );
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn compression_without_rotation_means_nothing() {
        assert_eq!(
            refused(JsonlExporter::options().compress(true)),
            "compress(true): expected rotate_at_bytes or rotate_every beside it"
        );
    }
}
