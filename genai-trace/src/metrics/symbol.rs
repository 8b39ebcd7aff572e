//! Label values as small numbers, the same in every thread, so that series compare in a few words.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::hash::Mixing;

/// At most so many different label values are told apart in one process.
const MOST_VALUES: usize = 16_384;

/// At most so many bytes of a label value are kept.
pub(crate) const LONGEST_VALUE: usize = 256;

/// At most so many values are remembered by one thread.
const MOST_CACHED: usize = 1_024;

/// A label value, as its place in the process-wide list of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Symbol(u32);

impl Symbol {
    /// The label is absent.
    pub(crate) const NONE: Symbol = Symbol(0);
    /// The value came after the list was full.
    pub(crate) const OVERFLOW: Symbol = Symbol(1);
    /// A run that called more than one model, or more than one provider.
    pub(crate) const MIXED: Symbol = Symbol(2);
    /// The step `agent.turn`, which has a gauge of its own.
    pub(crate) const AGENT_TURN: Symbol = Symbol(3);

    /// The texts of the symbols above, in their order; the first two have none.
    const KNOWN: [&str; 4] = ["", "", "mixed", "agent.turn"];

    /// The number itself, for hashing and for entries.
    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    /// The symbol with this number; one that was never given out resolves to nothing.
    pub(crate) const fn from_number(number: u32) -> Symbol {
        Symbol(number)
    }
}

/// The process-wide list of values. It only grows, up to its bound, so its texts live as long as the
/// process and need no counting.
pub(crate) struct Values {
    numbers: HashMap<&'static str, Symbol>,
    texts: Vec<&'static str>,
}

static VALUES: LazyLock<Mutex<Values>> = LazyLock::new(|| {
    let texts = Symbol::KNOWN.to_vec();
    let numbers = (0..)
        .zip(&texts)
        .filter(|(_, text)| !text.is_empty())
        .map(|(number, text)| (*text, Symbol(number)))
        .collect();
    Mutex::new(Values { numbers, texts })
});

/// Keeps others from the list; a fork does so.
pub(crate) fn hold() -> MutexGuard<'static, Values> {
    VALUES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The part of a label value that is kept.
#[inline]
pub(super) fn clip(value: &str) -> &str {
    if value.len() <= LONGEST_VALUE {
        return value;
    }
    let end = value.floor_char_boundary(LONGEST_VALUE);
    value.get(..end).unwrap_or_default()
}

/// The symbol of `value`, cut after 256 bytes; an empty value is [`Symbol::NONE`], and once 16,384
/// values are known a new one is [`Symbol::OVERFLOW`].
pub(crate) fn intern(value: &str) -> Symbol {
    let value = clip(value);
    if value.is_empty() {
        return Symbol::NONE;
    }
    let mut values = hold();
    if let Some(symbol) = values.numbers.get(value) {
        return *symbol;
    }
    if values.texts.len() >= MOST_VALUES {
        return Symbol::OVERFLOW;
    }
    let Ok(number) = u32::try_from(values.texts.len()) else {
        return Symbol::OVERFLOW;
    };
    let text: &'static str = Box::leak(value.into());
    values.texts.push(text);
    // Before anything refers to it.
    #[cfg(unix)]
    crate::recorder::black_box::names::symbol_interned(Symbol(number), text);
    values.numbers.insert(text, Symbol(number));
    Symbol(number)
}

/// The text of `symbol`; none for an absent label and for one beyond the limit.
pub(crate) fn resolve(symbol: Symbol) -> Option<&'static str> {
    let place = usize::try_from(symbol.0).ok()?;
    let text = hold().texts.get(place).copied();
    text.filter(|text| !text.is_empty())
}

/// Calls `each` with every symbol that has a text.
#[cfg(unix)]
pub(crate) fn each_symbol(mut each: impl FnMut(Symbol, &str)) {
    for (number, text) in (0..).zip(&hold().texts) {
        if !text.is_empty() {
            each(Symbol(number), text);
        }
    }
}

/// What one thread remembers of the list, so that a value seen before costs neither lock nor
/// allocation.
#[derive(Debug, Default)]
pub(crate) struct SymbolCache {
    known: HashMap<Box<str>, Symbol, Mixing>,
}

impl SymbolCache {
    /// The symbol of `value`, as [`intern`] gives it.
    pub(crate) fn get(&mut self, value: &str) -> Symbol {
        let value = clip(value);
        if let Some(symbol) = self.known.get(value) {
            return *symbol;
        }
        let symbol = intern(value);
        if self.known.len() >= MOST_CACHED {
            self.known.clear();
        }
        self.known.insert(value.into(), symbol);
        symbol
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_same_text_has_the_same_symbol_in_every_thread() {
        let here = intern("symbol test: read_file");
        let there = std::thread::spawn(|| intern("symbol test: read_file"));
        assert_eq!(there.join().unwrap(), here);
        assert_eq!(resolve(here), Some("symbol test: read_file"));
    }

    #[test]
    fn known_symbols_stand_where_their_constants_say() {
        assert_eq!(intern(""), Symbol::NONE);
        assert_eq!(intern("mixed"), Symbol::MIXED);
        assert_eq!(intern("agent.turn"), Symbol::AGENT_TURN);
        assert_eq!(resolve(Symbol::NONE), None);
        assert_eq!(resolve(Symbol::OVERFLOW), None);
    }

    #[test]
    fn a_long_value_is_cut_between_two_characters() {
        let long = "é".repeat(200);
        let kept = resolve(intern(&format!("x{long}"))).unwrap();
        assert_eq!(kept.len(), 255);
        assert!(kept.ends_with('é'));
    }

    #[test]
    fn the_cache_agrees_with_the_list_after_it_was_cleared() {
        let mut cache = SymbolCache::default();
        let first = cache.get("symbol test: 0");
        for n in 0..MOST_CACHED {
            // Symbols are shared by all tests of the process: reuse a few texts, long ones among them.
            cache
                .known
                .insert(format!("filler {n}").into(), Symbol::OVERFLOW);
        }
        assert_eq!(cache.get("symbol test: 1"), intern("symbol test: 1"));
        assert!(cache.known.len() <= 2);
        assert_eq!(cache.get("symbol test: 0"), first);
    }
}
