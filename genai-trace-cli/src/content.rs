//! Content that is kept elsewhere than in the attributes of its span: in events beside the spans, and in the store beside
//! them, of which the attributes have only references.

mod events;
mod lay;
mod store;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use genai_trace::SpanRecord;

pub(crate) use self::events::{Events, News, beside, ids};
use self::lay::Laying;
pub(crate) use self::store::MISSING;
use self::store::{Budget, Folder};
use crate::input::{Source, sources};
use crate::span::id_of;
use crate::text::visible;

/// Content beside the files that spans are read from.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) events: Events,
    folders: RwLock<Vec<Folder>>,
}

/// Something that should be there and is not, or not as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) words: String,
}

/// What stands for content that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InPlaceOfGaps {
    /// A word on why, for those who look at it.
    Words,
    /// Nothing: it would be taken for what was said.
    Nothing,
}

impl Content {
    /// What lies beside the files that a command reads; of events those of one trace, where only that is `wanted`.
    pub(crate) fn beside(arguments: &[PathBuf], wanted: Option<u128>) -> Result<Self, String> {
        let content = Self {
            events: Events::of(wanted),
            ..Self::default()
        };
        let read = sources(arguments)?;
        let is_plain = |path: &&Path| {
            let source = Source::File(path.to_path_buf());
            !source.is_read_once() && !source.is_store()
        };
        let named = arguments.iter().map(PathBuf::as_path);
        let named = named.chain(read.iter().filter_map(Source::path));
        for home in named.filter(is_plain).filter(|path| !is_pattern(path)) {
            content.follow(home);
        }
        for store in read.iter().filter(|source| source.is_store()) {
            content.events.ask(store.path().unwrap_or(Path::new("")));
        }
        content.events.look()?;
        Ok(content)
    }

    /// Looks for content beside the traces file at `home` as well.
    pub(crate) fn follow(&self, home: &Path) {
        self.events.follow(home);
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        folders.push(Folder::beside(home));
    }

    /// Lays into the spans of a trace what is kept of them elsewhere: the events behind their own, and what is stored
    /// under the name of its attribute. What should be there and is not.
    pub(crate) fn fill(
        &self,
        spans: &mut [SpanRecord],
        in_place: InPlaceOfGaps,
    ) -> Result<Vec<Gap>, String> {
        let folders = self.folders.read().unwrap_or_else(PoisonError::into_inner);
        let mut laying = Laying::new(&folders, in_place);
        let mut events: HashMap<u128, HashMap<u64, _>> = HashMap::new();
        let only = match &*spans {
            [span] => Some(u64::from_be_bytes(span.span_id.to_bytes())),
            _ => None,
        };
        for span in spans {
            let of_trace = match events.entry(id_of(span)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let read = self.events.of_trace(*new.key(), only)?;
                    new.insert(read)
                }
            };
            let own = of_trace.remove(&u64::from_be_bytes(span.span_id.to_bytes()));
            span.events.extend(own.into_iter().flatten());
            laying.fill(span);
        }
        Ok(laying.into_gaps())
    }
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[']) && !path.exists()
}

/// Says on standard error what content is not there: the first gap, and how many there are.
pub(crate) fn complain(first: Option<&Gap>, gaps: usize) {
    let Some(first) = first else {
        return;
    };
    let more = match gaps.saturating_sub(1) {
        0 => String::new(),
        1 => ", and 1 more".to_owned(),
        more => format!(", and {more} more"),
    };
    let first = visible(&first.words);
    crate::out::complain(&format!("content is not whole: {first}{more}"));
}
