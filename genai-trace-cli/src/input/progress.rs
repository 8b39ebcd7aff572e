//! How far reading is, for somebody who waits before a terminal.

use std::fs;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::sources::Source;

/// What is read in less time nobody waits for.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far reading is. It is shown on standard error where that is a terminal, and taken away at the end.
pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
    is_shown: bool,
}

impl Progress {
    /// Of reading all of `sources`.
    pub(super) fn of(sources: &[Source]) -> Self {
        let bar = match size(sources) {
            Some(bytes) => ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden())
                .with_style(style(
                    "{percent:>3}% of {total_bytes}, {eta} left {wide_bar}",
                )),
            None => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
                .with_style(style("{bytes} read, {bytes_per_sec}")),
        };
        Self {
            bar,
            began: Instant::now(),
            is_shown: false,
        }
    }

    /// So many bytes more were read.
    pub(super) fn add(&mut self, bytes: usize) {
        if !self.is_shown && self.began.elapsed() > PATIENCE {
            self.is_shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(u64::try_from(bytes).unwrap_or(0));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How much there is to read, where that is known: not of what is compressed, nor of standard input.
fn size(sources: &[Source]) -> Option<u64> {
    let sizes = sources.iter().map(|source| match source {
        Source::File(path) if path.extension().is_none_or(|name| name != "gz") => {
            fs::metadata(path).ok().map(|metadata| metadata.len())
        }
        Source::Held(_, file) => file.metadata().ok().map(|metadata| metadata.len()),
        _ => None,
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_there_is_to_read_is_known_of_plain_files_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, [b'x'; 7]).unwrap();
            Source::File(path)
        };
        assert_eq!(size(&[file("a.jsonl"), file("b.jsonl")]), Some(14));
        assert_eq!(size(&[file("a.jsonl"), file("b.jsonl.gz")]), None);
        assert_eq!(size(&[Source::Stdin]), None);
    }
}
