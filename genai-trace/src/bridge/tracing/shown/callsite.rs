//! The metadata of spans of ours: one callsite of `tracing` for each name with its fields.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use ::tracing_core::callsite::{Callsite, Identifier, register};
use ::tracing_core::field::FieldSet;
use ::tracing_core::metadata::LevelFilter;
use ::tracing_core::subscriber::Interest;
use ::tracing_core::{Dispatch, Kind, Level, Metadata};

use super::values::{GENERAL, Values};
use super::{Facts, TARGET};

/// So many names with their fields are kept, for as long as the process runs; spans of others have the word of
/// their operation as their name, and their own name in a field.
const MOST: usize = 1024;
const LEVEL: Level = Level::INFO;

const NEVER: u8 = 0;
const SOMETIMES: u8 = 1;
const ALWAYS: u8 = 2;

/// One name with its fields.
#[derive(Debug)]
pub(crate) struct SpanCallsite {
    interest: AtomicU8,
    /// Filled right after it is made: each refers to the other.
    metadata: OnceLock<Metadata<'static>>,
}

/// Callsites by the name and the fields.
pub(crate) type ByName = HashMap<String, &'static SpanCallsite>;

static KNOWN: LazyLock<Mutex<ByName>> = LazyLock::new(Mutex::default);

/// Locks them, for the time of a fork too.
pub(crate) fn hold() -> MutexGuard<'static, ByName> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stands where metadata are still to be filled in, which nobody ever sees.
static NOTHING: SpanCallsite = SpanCallsite {
    interest: AtomicU8::new(NEVER),
    metadata: OnceLock::new(),
};
static NO_METADATA: Metadata<'static> = metadata("", FieldSet::new(&[], Identifier(&NOTHING)));

const fn metadata(name: &'static str, fields: FieldSet) -> Metadata<'static> {
    Metadata::new(name, TARGET, LEVEL, None, None, None, fields, Kind::SPAN)
}

impl SpanCallsite {
    /// The callsite of a span. It may tell subscribers of a new one.
    pub(super) fn of(facts: &Facts, values: &Values) -> &'static Self {
        Self::find(&facts.name, values.keys(), MOST)
            // There are only so many words for operations.
            .or_else(|| Self::find(facts.general_name, GENERAL.into_iter(), usize::MAX))
            .unwrap_or(&NOTHING)
    }

    /// The callsite of this name with these fields; made where there are fewer than `most`.
    fn find<'a>(
        name: &str,
        keys: impl Iterator<Item = &'a str>,
        most: usize,
    ) -> Option<&'static Self> {
        let mut key = name.to_owned();
        let mut fields = Vec::new();
        for field in keys {
            key.push('\n');
            key.push_str(field);
            fields.push(field);
        }
        let (found, is_full) = {
            let known = hold();
            (known.get(&key).copied(), known.len() >= most)
        };
        if found.is_some() || is_full {
            return found;
        }
        // Under no lock: subscribers are told of it. Where two threads make it, one is not used.
        let made = Self::make(name, &fields);
        Some(*hold().entry(key).or_insert(made))
    }

    /// Lives as long as the process, as what macros make does.
    fn make(name: &str, fields: &[&str]) -> &'static Self {
        let callsite: &'static Self = Box::leak(Box::new(Self {
            interest: AtomicU8::new(SOMETIMES),
            metadata: OnceLock::new(),
        }));
        let fields: Vec<&'static str> = fields.iter().map(|field| leak(field)).collect();
        let fields = FieldSet::new(Vec::leak(fields), Identifier(callsite));
        callsite
            .metadata
            .get_or_init(|| metadata(leak(name), fields));
        register(callsite);
        callsite
    }

    /// Whether the subscriber wants spans of it.
    pub(super) fn is_wanted_by(&self, dispatch: &Dispatch) -> bool {
        LEVEL <= LevelFilter::current()
            && match self.interest.load(Ordering::Relaxed) {
                NEVER => false,
                ALWAYS => true,
                _ => dispatch.enabled(Callsite::metadata(self)),
            }
    }

    pub(super) fn metadata(&'static self) -> &'static Metadata<'static> {
        self.metadata.get().unwrap_or(&NO_METADATA)
    }
}

impl Callsite for SpanCallsite {
    fn set_interest(&self, interest: Interest) {
        let interest = match interest {
            _ if interest.is_never() => NEVER,
            _ if interest.is_always() => ALWAYS,
            _ => SOMETIMES,
        };
        self.interest.store(interest, Ordering::Relaxed);
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.metadata.get().unwrap_or(&NO_METADATA)
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}
