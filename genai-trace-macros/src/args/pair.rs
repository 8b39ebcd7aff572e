//! Lists of `key = value`, as in `fields(..)`, `prompt(..)` and `record!(..)`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Lit, LitBool, LitStr, Result, Token};

use super::literal::NameFault;
use super::value;
use crate::mistakes::Mistakes;

/// One `key = value`.
pub(crate) struct Pair {
    pub(crate) key: Key,
    pub(crate) value: Expr,
}

/// The name of an attribute of the user's choice.
pub(crate) struct Key {
    /// The word in front that says that the conventions are not to be asked.
    pub(crate) unchecked: Option<Ident>,
    words: Words,
}

enum Words {
    /// `"app.step"`
    Text(LitStr),
    /// `app.step`; a word may be a keyword.
    Dotted(Punctuated<Ident, Token![.]>),
}

impl Key {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let unchecked = unchecked(input)?;
        let words = Words::parse(input)?;
        Ok(Key { unchecked, words })
    }

    /// The name of the attribute.
    pub(crate) fn name(&self) -> String {
        match &self.words {
            Words::Text(text) => text.value(),
            Words::Dotted(words) => joined(words, |word| word.unraw().to_string()),
        }
    }

    /// The key as the user wrote it.
    pub(crate) fn written(&self) -> String {
        match &self.words {
            Words::Text(text) => text.token().to_string(),
            Words::Dotted(words) => joined(words, Ident::to_string),
        }
    }
}

fn joined(words: &Punctuated<Ident, Token![.]>, spell: impl Fn(&Ident) -> String) -> String {
    let words: Vec<_> = words.iter().map(spell).collect();
    words.join(".")
}

impl Words {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Words::Text);
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
        Ok(Words::Dotted(words))
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.words {
            Words::Text(text) => text.to_tokens(tokens),
            Words::Dotted(words) => words.to_tokens(tokens),
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
    let name = key.written();
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
    let value = value::assigned(&name, input, mistakes)?;
    Ok(value.map(|value| Pair { key, value }))
}

/// Reads the word `unchecked` in front of a word or a string; anywhere else it is a key.
pub(crate) fn unchecked(input: ParseStream<'_>) -> Result<Option<Ident>> {
    let fork = input.fork();
    let is_in_front = match fork.parse::<Ident>() {
        Ok(word) => {
            word == UNCHECKED
                && (fork.peek(LitStr) || fork.peek(Ident::peek_any) && !fork.peek(LitBool))
        }
        Err(_) => false,
    };
    match is_in_front {
        true => input.parse().map(Some),
        false => Ok(None),
    }
}

/// The word in front of what the conventions are not to be asked about.
pub(crate) const UNCHECKED: &str = "unchecked";

const AS_A_STRING: &str = "a key that is not words and dots is written as a string";

/// Reads the comma between two entries; after the last one it may be left out.
pub(crate) fn comma(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    Err(Error::new(input.span(), "expected a comma before this"))
}

/// Finds keys that cannot be names and keys that are given twice, and gives back the rest.
///
/// `taken` are names that are set elsewhere, each with what sets it.
pub(crate) fn check_keys<'a>(
    pairs: &'a [Pair],
    taken: &[(&str, &str)],
    mistakes: &mut Mistakes,
) -> Vec<&'a Pair> {
    let mut seen: Vec<String> = Vec::new();
    let mut right = Vec::new();
    for pair in pairs {
        let key = &pair.key;
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
        } else {
            right.push(pair);
        }
        seen.push(name);
    }
    right
}
