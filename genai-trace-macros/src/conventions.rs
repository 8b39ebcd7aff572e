//! What the GenAI conventions say of the keys and values that the user chose.
//!
//! Every name under `gen_ai.` must be theirs. A name of theirs must have a value of its type, and
//! one that they list where they list any. Names that they do not know are free under any other
//! namespace. Only what a literal shows can be checked; `unchecked` in front of a key, or of an
//! option, says that the user knows better.

use genai_trace_semconv::{ATTRIBUTES, Attribute, Deprecated, Origin};
use genai_trace_semconv::{attribute, deprecated, meant_value, names};
use syn::{Expr, LitStr};

use crate::args::literal::bare;
use crate::args::pair::Key;
use crate::args::{Literal, Pair, UNCHECKED};
use crate::check::check_type;
use crate::kind::Kind;
use crate::mistakes::Mistakes;
use crate::options::{self, Type};
use crate::suggest::{closest, closest_name};

/// The namespace in which every name is the conventions'.
const NAMESPACE: &str = "gen_ai.";

/// Where a key stands, which decides what the span sets there itself.
#[derive(Clone, Copy)]
pub(crate) enum Site {
    /// In `fields(..)`, before the call.
    Fields(Kind),
    /// In `ret_fields(..)`, after it.
    Result(Kind),
    /// In `record!(..)`, on a span that is not known here.
    Body,
}

/// Adds what the conventions hold against a key or its value.
pub(crate) fn check(pair: &Pair, site: Site, mistakes: &mut Mistakes) {
    let Pair { key, value } = pair;
    if key.unchecked.is_some() {
        return;
    }
    let name = key.name();
    if let Some(why) = set_by_span(site, &name) {
        mistakes.at(key, why);
    } else if let Some(known) = attribute(&name) {
        check_value(known, &key.written(), value, mistakes);
    } else if let Some(old) = deprecated(&name) {
        mistakes.at(key, renamed(old, key, site));
    } else if name.starts_with(NAMESPACE) {
        mistakes.at(key, unknown(&name, key, site));
    }
}

/// The type of the attribute that a pair sets, where the conventions know it.
pub(crate) fn type_of(pair: &Pair) -> Type {
    match attribute(&pair.key.name()) {
        Some(known) if pair.key.unchecked.is_none() => expected(known),
        _ => Type::Any,
    }
}

/// Adds a mistake where the conventions list the values of the attribute `name`, and not this one.
///
/// `key` is what the user wrote in front of it.
pub(crate) fn check_listed(name: &str, key: &str, value: &LitStr, mistakes: &mut Mistakes) {
    let listed = attribute(name).map_or(&[][..], |known| known.values);
    let written = value.value();
    if listed.is_empty() || listed.contains(&written.as_str()) {
        return;
    }
    let meant = meant_value(name, &written).or_else(|| closest(&written, listed.iter().copied()));
    let meant = match meant {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => ";".to_owned(),
    };
    mistakes.at(
        value,
        format!(
            "`{written}` is not among the values of `{}`{meant} they are {}; to keep it \
             write `{UNCHECKED} {key} = {}`",
            key.trim_matches('"'),
            in_backticks(listed.iter().copied()),
            value.token()
        ),
    );
}

/// Why the user must not set the attribute `name`: the span does.
fn set_by_span(site: Site, name: &str) -> Option<String> {
    let (kind, mend) = match (name, site) {
        (names::GEN_AI_OPERATION_NAME, Site::Body) => {
            return Some(format!(
                "the attribute on the function sets `{name}`: leave it out"
            ));
        }
        // Gates and steps stand for no operation of the conventions.
        (
            names::GEN_AI_OPERATION_NAME,
            Site::Fields(Kind::Gate | Kind::Span) | Site::Result(Kind::Gate | Kind::Span),
        ) => return None,
        (names::GEN_AI_OPERATION_NAME, Site::Fields(kind) | Site::Result(kind)) => {
            let mend = match options::find(kind, "operation") {
                Some(option) => format!("write {}", option.usage()),
                None => "leave it out".to_owned(),
            };
            (kind, mend)
        }
        (names::GEN_AI_AGENT_NAME, Site::Fields(kind @ Kind::Agent))
        | (names::GEN_AI_TOOL_NAME, Site::Fields(kind @ Kind::Tool)) => {
            let mend = "write the name in front, or `name = value`";
            (kind, mend.to_owned())
        }
        (names::GEN_AI_REQUEST_MODEL, Site::Fields(kind @ Kind::Chat)) => {
            (kind, "write `model = value`".to_owned())
        }
        _ => return None,
    };
    let attribute = kind.attribute();
    Some(format!("`{attribute}` sets `{name}` itself: {mend}"))
}

/// What is wrong with a name that the conventions had once, or that others have.
fn renamed(old: &Deprecated, key: &Key, site: Site) -> String {
    let name = key.name();
    let whose = match old.origin {
        Origin::Conventions => "is an older name",
        _ => "is not a name of the conventions",
    };
    let mend = match old.replacement {
        Some(new) => match option(site, new) {
            Some(option) => format!(": write `{new}`, or the option {option}"),
            None => format!(": write `{new}`"),
        },
        None => format!(": {}", old.note),
    };
    format!("`{name}` {whose}{mend}; {}", way_out(key))
}

/// What is wrong with a name that nobody is known to have.
fn unknown(name: &str, key: &Key, site: Site) -> String {
    if let Some(template) = ATTRIBUTES.iter().find(|known| known.name == name) {
        let name = template.name;
        return format!("`{name}` goes on with a word of yours: write `{name}.word`");
    }
    let known = || ATTRIBUTES.iter().map(|known| known.name);
    if let Some(meant) = closest_name(name, known().filter(|name| name.starts_with(NAMESPACE))) {
        let way_out = way_out(key);
        return format!("the conventions have no `{name}`; did you mean `{meant}`? {way_out}");
    }
    if let Some(old) = ancestors(name).find_map(deprecated) {
        return renamed(old, key, site);
    }
    let siblings = match siblings(name) {
        Some((family, names)) => format!("; under `{family}.` there are {names}"),
        None => String::new(),
    };
    let way_out = way_out(key);
    format!("the conventions have no `{name}`{siblings}; {way_out}")
}

fn way_out(key: &Key) -> String {
    format!("to keep it write `{UNCHECKED} {}`", key.written())
}

/// The option that sets the attribute `name`, where one stands beside the key.
fn option(site: Site, name: &str) -> Option<String> {
    match site {
        Site::Fields(kind) => options::setting(kind, name),
        Site::Result(_) | Site::Body => None,
    }
}

/// `gen_ai.a.b.c` as `gen_ai.a.b` and `gen_ai.a`.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| Some(name.rsplit_once('.')?.0)).skip(1)
}

/// The nearest namespace of `name` in which the conventions have names, and these.
fn siblings(name: &str) -> Option<(&str, String)> {
    let family = ancestors(name)
        .filter(|family| NAMESPACE.trim_end_matches('.') != *family)
        .find(|family| members(family).next().is_some())?;
    Some((family, in_backticks(members(family))))
}

fn members(family: &str) -> impl Iterator<Item = &'static str> {
    ATTRIBUTES
        .iter()
        .map(|known| known.name)
        .filter(move |name| {
            let rest = name.strip_prefix(family);
            rest.is_some_and(|rest| rest.starts_with('.'))
        })
}

fn in_backticks<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn check_value(known: &Attribute, key: &str, value: &Expr, mistakes: &mut Mistakes) {
    let (name, ty) = (key.trim_matches('"'), expected(known));
    match bare(value) {
        // What a closure of `ret_fields` always says is as good as a literal.
        Expr::Closure(closure) => check_value(known, key, &closure.body, mistakes),
        Expr::Reference(reference) => check_value(known, key, &reference.expr, mistakes),
        Expr::Array(list) => match ty {
            Type::Any => {}
            Type::Texts => {
                for item in &list.elems {
                    if let Some(literal) = Literal::of(item)
                        && !literal.fits(Type::Text)
                    {
                        let message = format!("`{name}` takes a list of strings");
                        mistakes.at(&literal, message);
                    }
                }
            }
            _ => mistakes.at(list, format!("`{name}` takes {}", ty.in_words())),
        },
        _ => {
            if check_type(name, ty, value, mistakes)
                && let Some(Literal::Str(text)) = Literal::of(value)
            {
                check_listed(known.name, key, text, mistakes);
            }
        }
    }
}

/// The type of an attribute, so far as a literal can show it.
pub(crate) fn expected(known: &Attribute) -> Type {
    use genai_trace_semconv::Type as Known;
    match known.ty {
        Known::String => Type::Text,
        Known::Int => Type::Integer,
        Known::Double => Type::Number,
        Known::Boolean => Type::Truth,
        Known::Strings => Type::Texts,
        _ => Type::Any,
    }
}
