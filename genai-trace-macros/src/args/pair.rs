//! Lists of `key = value`, as in `fields(..)`, `prompt(..)` and `record!(..)`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Lit, LitStr, Result, Token};

use super::literal::NameFault;
use super::value;
use crate::mistakes::Mistakes;

/// One `key = value`.
pub(crate) struct Pair {
    pub(crate) key: Key,
    pub(crate) value: Expr,
}

/// The name of an attribute of the user's choice.
pub(crate) enum Key {
    /// `"app.step"`
    Text(LitStr),
    /// `app.step`; a word may be a keyword.
    Dotted(Punctuated<Ident, Token![.]>),
}

impl Key {
    pub(crate) fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Key::Text);
        }
        if input.peek(Lit) || !input.peek(Ident::peek_any) {
            return Err(input.error("expected a key, such as `\"app.step\"` or `app.step`"));
        }
        let mut words = Punctuated::new();
        words.push_value(Ident::parse_any(input)?);
        while input.peek(Token![.]) {
            words.push_punct(input.parse()?);
            if !input.peek(Ident::peek_any) {
                return Err(input.error(format!("expected a word; {AS_A_STRING}")));
            }
            words.push_value(Ident::parse_any(input)?);
        }
        Ok(Key::Dotted(words))
    }

    /// The name of the attribute.
    pub(crate) fn name(&self) -> String {
        match self {
            Key::Text(text) => text.value(),
            Key::Dotted(words) => {
                let words: Vec<_> = words.iter().map(|word| word.unraw().to_string()).collect();
                words.join(".")
            }
        }
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Key::Text(text) => text.to_tokens(tokens),
            Key::Dotted(words) => words.to_tokens(tokens),
        }
    }
}

/// Reads `key = value, ..` to the end of `input`, as far as it can be read.
pub(crate) fn parse(input: ParseStream<'_>, mistakes: &mut Mistakes) -> Vec<Pair> {
    let mut pairs = Vec::new();
    while !input.is_empty() {
        let next = parse_one(input, mistakes).and_then(|pair| comma(input).map(|()| pair));
        match next {
            Ok(pair) => pairs.extend(pair),
            Err(mistake) => {
                mistakes.push(mistake);
                // What follows cannot be told apart any more.
                mistakes.keep(input.parse::<TokenStream>());
            }
        }
    }
    pairs
}

/// Reads `key = value`; nothing where the value is missing.
fn parse_one(input: ParseStream<'_>, mistakes: &mut Mistakes) -> Result<Option<Pair>> {
    let key = Key::parse(input)?;
    let name = key.to_token_stream();
    if input.is_empty() || input.peek(Token![,]) {
        mistakes.at(
            &key,
            format!("`{name}` has no value: write `{name} = value`"),
        );
        return Ok(None);
    }
    if !input.peek(Token![=]) {
        return Err(input.error(format!("expected `= value` after `{name}`; {AS_A_STRING}")));
    }
    let value = value::assigned(&key, input, mistakes)?;
    Ok(value.map(|value| Pair { key, value }))
}

const AS_A_STRING: &str = "a key that is not words and dots is written as a string";

/// Reads the comma between two entries; after the last one it may be left out.
pub(crate) fn comma(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    Err(Error::new(input.span(), "expected a comma before this"))
}

/// Finds keys that cannot be names and keys that are given twice.
///
/// `taken` are names that are set elsewhere, each with what sets it.
pub(crate) fn check_keys(pairs: &[Pair], taken: &[(&str, &str)], mistakes: &mut Mistakes) {
    let mut seen: Vec<String> = Vec::new();
    for Pair { key, .. } in pairs {
        let name = key.name();
        if let Some(fault) = NameFault::of(&name) {
            mistakes.at(key, format!("the key {fault}"));
        } else if let Some((_, by)) = taken.iter().find(|(taken, _)| *taken == name) {
            mistakes.at(
                key,
                format!("`{name}` is set by `{by}` already: keep one of them"),
            );
        } else if seen.contains(&name) {
            mistakes.at(key, format!("`{name}` is given twice: keep one of them"));
        }
        seen.push(name);
    }
}
