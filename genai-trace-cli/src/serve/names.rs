//! Names that many traces share, each kept once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// A name that is kept in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name(u32);

/// Names, each kept once.
#[derive(Debug, Default)]
pub(super) struct Names(RwLock<Kept>);

#[derive(Debug, Default)]
struct Kept {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Names {
    /// The name that is written so.
    pub(super) fn keep(&self, text: &str) -> Name {
        let known = self.read(|kept| kept.numbers.get(text).copied());
        if let Some(number) = known {
            return Name(number);
        }
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = kept.numbers.get(text) {
            return Name(*number);
        }
        let number = u32::try_from(kept.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = text.into();
        kept.names.push(Arc::clone(&name));
        kept.numbers.insert(name, number);
        Name(number)
    }

    pub(super) fn text(&self, name: Name) -> Arc<str> {
        let place = usize::try_from(name.0).unwrap_or(usize::MAX);
        self.read(|kept| kept.names.get(place).cloned())
            .unwrap_or_default()
    }

    /// The names that `holds`, by their numbers.
    pub(super) fn those(&self, holds: impl Fn(&str) -> bool) -> Vec<bool> {
        self.read(|kept| kept.names.iter().map(|name| holds(name)).collect())
    }

    fn read<T>(&self, look: impl FnOnce(&Kept) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Name {
    /// Whether it is one of those that [`Names::those`] found.
    pub(super) fn is_of(self, those: &[bool]) -> bool {
        let place = usize::try_from(self.0).unwrap_or(usize::MAX);
        those.get(place).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_found_by_what_it_says() {
        let names = Names::default();
        let (one, other) = (names.keep("read_file"), names.keep("search"));
        assert_eq!(names.keep("read_file"), one);
        assert_eq!(&*names.text(other), "search");
        let found = names.those(|name| name.contains("file"));
        assert!(one.is_of(&found) && !other.is_of(&found));
        assert!(!names.keep("file of later").is_of(&found));
    }
}
