//! A profile as a table: rows that say what is done with the name of a span and with its attributes.
//!
//! Two rules hold for all rows, so that nothing is lost and a profile may be applied again: no row takes a name
//! that says something already, and what no row takes stays as it is.

use super::role::Role;
use crate::record::{SpanRecord, Value};
use crate::span::names;

/// How a profile spells spans.
pub(super) struct Table {
    /// What is made of the names of spans, by their operation.
    pub(super) names: &'static [(&'static str, Name)],
    /// What is done with spans that stand for something, in this order.
    pub(super) rows: &'static [(On, &'static [Row])],
}

/// What is made of a name that begins with its operation.
pub(super) enum Name {
    /// It is this, whatever the subject is: an attribute has that.
    Whole(&'static str),
    /// This stands in front of the subject.
    Before(&'static str),
}

/// Which spans rows are for.
pub(super) enum On {
    Every,
    Only(&'static [Role]),
}

/// Words of the conventions, each with the profile's.
pub(super) type Words = &'static [(&'static str, &'static str)];

/// What is done with an attribute.
pub(super) enum Row {
    /// The first name becomes the second.
    Move(&'static str, &'static str),
    /// The first name becomes the second, and what the words have is spelt so.
    Respell(&'static str, Words, &'static str),
    /// This attribute has this text.
    #[cfg(feature = "profiles")]
    Say(&'static str, &'static str),
    /// This attribute has the sum of those, where all are known.
    Sum(&'static str, &'static [&'static str]),
    /// An integer is a float.
    Float(&'static str),
    /// What takes more than a row.
    Work(fn(&mut SpanRecord)),
}

impl Table {
    /// Spells `span` so.
    pub(super) fn apply(&self, span: &mut SpanRecord) {
        if let Some(name) = self.name(span) {
            span.name = name;
        }
        let role = Role::of(span);
        for (on, rows) in self.rows {
            let holds = match on {
                On::Every => true,
                On::Only(roles) => roles.contains(&role),
            };
            if holds {
                rows.iter().for_each(|row| row.apply(span));
            }
        }
    }

    fn name(&self, span: &SpanRecord) -> Option<String> {
        let operation = span.attributes.str(names::OPERATION)?;
        let subject = span.name.strip_prefix(operation)?;
        let mut all = self.names.iter();
        let (_, name) = all.find(|(word, _)| *word == operation)?;
        match (name, subject.strip_prefix(' ')) {
            (Name::Before(front), Some(subject)) => Some(format!("{front}{subject}")),
            (Name::Whole(name), subject_said) if subject_said.is_some() || subject.is_empty() => {
                Some((*name).to_owned())
            }
            _ => None,
        }
    }
}

impl Row {
    fn apply(&self, span: &mut SpanRecord) {
        let attributes = &mut span.attributes;
        match self {
            Self::Move(from, to) => attributes.rename(from, to),
            Self::Respell(from, words, to) => {
                if attributes.get(to).is_none() {
                    if let Some(Value::String(said)) = attributes.get_mut(from)
                        && let Some(word) = spelt(words, said)
                    {
                        word.clone_into(said);
                    }
                    attributes.rename(from, to);
                }
            }
            #[cfg(feature = "profiles")]
            Self::Say(key, text) => attributes.add(key, Value::from(*text)),
            Self::Sum(sum, parts) => {
                let parts: Option<Vec<i64>> = parts.iter().map(|key| attributes.int(key)).collect();
                if let Some(parts) = parts {
                    let whole = parts.into_iter().fold(0_i64, i64::saturating_add);
                    attributes.add(sum, Value::Int(whole));
                }
            }
            Self::Float(key) => {
                if let Some(value) = attributes.get_mut(key)
                    && let (Value::Int(_), Some(number)) = (&*value, value.as_float())
                {
                    *value = Value::Float(number);
                }
            }
            Self::Work(work) => work(span),
        }
    }
}

/// How the profile spells `word`, where it has it.
pub(super) fn spelt(words: Words, word: &str) -> Option<&'static str> {
    let mut all = words.iter();
    all.find(|(now, _)| *now == word).map(|(_, then)| *then)
}
