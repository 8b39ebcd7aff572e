//! What an attribute's options say of the span: known while compiling, or at its opening.

use genai_trace_semconv::names;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

use crate::args::{Args, Given, Literal, Value};
use crate::conventions;
use crate::kind::Kind;
use crate::options::{DEFAULT_TOOL_TYPE, Form, Role, TOOL_TYPE, Type};
use crate::place::borrowed;

/// An attribute of the span.
struct Fact<'a> {
    name: String,
    expected: Type,
    /// Nothing where the option is a flag.
    value: Option<&'a Expr>,
}

/// The attributes that are known while compiling, each as `(name, value)`.
pub(crate) fn known(args: &Args, private: &TokenStream) -> Vec<TokenStream> {
    let site = Span::mixed_site();
    let facts: Vec<_> = args.options.iter().flat_map(facts).collect();
    let mut known = Vec::new();
    let is_told = |fact: &Fact<'_>| fact.value.is_none_or(|value| Literal::of(value).is_some());
    // A tool of which nothing is told has its type from the runtime.
    if args.kind == Kind::Tool
        && facts.iter().any(is_told)
        && !facts.iter().any(|fact| fact.name == TOOL_TYPE)
    {
        known.push(
            quote_spanned!(site=> (#TOOL_TYPE, #private::StaticValue::Str(#DEFAULT_TOOL_TYPE))),
        );
    }
    for Fact {
        name,
        expected,
        value,
    } in &facts
    {
        let value = match value.map(Literal::of) {
            Some(Some(literal)) => literal.to_static(*expected, private),
            Some(None) => continue,
            None => quote_spanned!(site=> #private::StaticValue::Bool(true)),
        };
        known.push(quote_spanned!(site=> (#name, #value)));
    }
    known
}

/// Whether the kind of tool is said, which else the runtime says.
pub(crate) fn says_tool_type(args: &Args) -> bool {
    let mut facts = args.options.iter().flat_map(facts);
    facts.any(|fact| fact.name == TOOL_TYPE)
}

/// When an option is told: a request is read by what its provider is and by whether its content is wanted, and what
/// is said by hand holds against what it says.
pub(crate) fn turn(given: &Given) -> u8 {
    match given.row.role {
        Role::Attribute(names::GEN_AI_PROVIDER_NAME) | Role::Opening("content") => 0,
        Role::Opening("url") => 1,
        Role::Opening("request") => 2,
        _ => 3,
    }
}

/// The calls that tell a span that is being opened what only this call knows.
pub(crate) fn opening(given: &Given, private: &TokenStream) -> Vec<TokenStream> {
    let site = Span::mixed_site();
    match (&given.row.role, &given.value) {
        (Role::Subject, Some(Value::Expr(value))) if given.literal().is_none() => {
            let value = borrowed(value);
            vec![quote_spanned!(site=> __a.subject(#value);)]
        }
        (Role::Opening("request"), Some(Value::Expr(value))) => {
            let value = borrowed(value);
            vec![quote_spanned!(site=> (&&&&#private::Probe(#value)).__ask(__a);)]
        }
        (Role::Opening(method), Some(value)) => {
            let name = Ident::new(method, site);
            let argument = match value {
                Value::Expr(value) if matches!(*method, "links" | "regenerates") => {
                    value.to_token_stream()
                }
                Value::Expr(value) => borrowed(value),
                _ => TokenStream::new(),
            };
            vec![quote_spanned!(site=> __a.#name(#argument);)]
        }
        _ => facts(given).iter().filter_map(set).collect(),
    }
}

/// The attributes that one option gives.
fn facts(given: &Given) -> Vec<Fact<'_>> {
    match (&given.row.role, &given.row.form, &given.value) {
        (Role::Attribute(name), Form::Value(expected), Some(Value::Expr(value))) => vec![Fact {
            name: (*name).to_owned(),
            expected: *expected,
            value: Some(value),
        }],
        (Role::Attribute(name), _, Some(Value::None)) => vec![Fact {
            name: (*name).to_owned(),
            expected: Type::Any,
            value: None,
        }],
        (Role::Attributes, _, Some(Value::Pairs(pairs))) => pairs
            .iter()
            .map(|pair| Fact {
                name: pair.key.name(),
                expected: conventions::type_of(pair),
                value: Some(&pair.value),
            })
            .collect(),
        (Role::Attributes, _, Some(Value::Parts(parts))) => parts
            .iter()
            .map(|(name, pair)| Fact {
                name: (*name).to_owned(),
                expected: Type::Text,
                value: Some(&pair.value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The call that sets an attribute whose value only this call knows.
fn set(fact: &Fact<'_>) -> Option<TokenStream> {
    let value = fact.value.filter(|value| Literal::of(value).is_none())?;
    Some(call_set(&fact.name, fact.expected, value))
}

/// `__a.set(name, &(value));`
pub(crate) fn call_set(name: &str, expected: Type, value: &Expr) -> TokenStream {
    let value = match Literal::of(value) {
        Some(literal) => borrowed(&literal.to_typed(expected)),
        None => borrowed(value),
    };
    quote_spanned!(Span::mixed_site()=> __a.set(#name, #value);)
}
