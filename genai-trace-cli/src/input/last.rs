//! The last lines of a file that can be read only from its beginning.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use super::blocks::{Blocks, Part};
use super::sources::Source;

/// The last lines of a file that can be read only from its beginning.
#[derive(Debug)]
pub(crate) struct Last {
    /// Each with a line break behind it.
    pub(crate) lines: Vec<u8>,
    /// How many lines of the file were longer than lines are read.
    pub(crate) too_long: u64,
}

impl Last {
    /// So many lines of the file at `path`, which is compressed, or a store.
    pub(crate) fn of(path: &Path, number: usize) -> Result<Self, String> {
        let source = Source::File(path.to_owned());
        let failed = |error: io::Error| format!("cannot read {source}: {error}");
        let mut blocks = Blocks::new(0, source.open()?);
        let mut last: VecDeque<Vec<u8>> = VecDeque::new();
        let mut too_long = 0;
        while let Some(part) = blocks.next().map_err(failed)? {
            let Part::Block(block) = part else {
                too_long += 1;
                continue;
            };
            let lines: Vec<_> = block.lines().collect();
            let passed = lines.len().saturating_sub(number);
            for (_, line) in lines.into_iter().skip(passed) {
                if last.len() == number {
                    last.pop_front();
                }
                last.push_back([line, b"\n"].concat());
            }
        }
        Ok(Self {
            lines: last.into_iter().flatten().collect(),
            too_long,
        })
    }
}
