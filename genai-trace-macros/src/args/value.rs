//! What stands after an option's key.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, ExprPath, Ident, LitStr, Path, Result, Token, parenthesized, token};

use super::literal::{Literal, bare};
use super::pair::{self, Pair};
use crate::mistakes::Mistakes;
use crate::options::{Form, OptionRow};
use crate::suggest::closest;

/// What stands after an option's key, in the user's own tokens.
pub(crate) enum Value {
    None,
    Expr(Expr),
    Function(ExprPath),
    Path(Path),
    /// What the chosen word selects.
    Word(&'static str),
    /// Arguments of the function; all of them where none is named.
    Arguments(Vec<Ident>),
    /// Pairs whose keys are the attributes' names.
    Pairs(Vec<Pair>),
    /// Pairs whose keys are the option's own, each with the attribute that it sets.
    Parts(Vec<(&'static str, Pair)>),
}

/// Reads what `row` says should stand after `key`; nothing where that is a mistake.
pub(crate) fn parse(
    row: &OptionRow,
    key: &Ident,
    input: ParseStream<'_>,
    mistakes: &mut Mistakes,
) -> Result<Option<Value>> {
    let stands = match row.form {
        Form::Flag => !input.peek(Token![=]) && !input.peek(token::Paren),
        Form::Value(_) | Form::Word(_) | Form::Function | Form::Path => input.peek(Token![=]),
        Form::Fields | Form::Readings | Form::Parts(_) => input.peek(token::Paren),
        Form::Arguments => !input.peek(Token![=]),
    };
    if !stands {
        mistakes.at(key, format!("write {}", row.usage()));
        return skip(input).map(|()| None);
    }
    match &row.form {
        Form::Flag => Ok(Some(Value::None)),
        Form::Arguments if !input.peek(token::Paren) => Ok(Some(Value::Arguments(Vec::new()))),
        Form::Arguments => {
            let content;
            parenthesized!(content in input);
            let named = arguments(&content);
            if named.is_err() {
                content.parse::<TokenStream>()?;
            }
            Ok(mistakes.keep(named).map(Value::Arguments))
        }
        Form::Path => path(row, input, mistakes),
        Form::Value(_) | Form::Word(_) | Form::Function => {
            let value = assigned(&key.to_string(), input, mistakes)?;
            Ok(value.and_then(|value| mistakes.keep(typed(row, value))))
        }
        Form::Fields | Form::Readings | Form::Parts(_) => {
            let content;
            parenthesized!(content in input);
            let pairs = pair::parse(&content, mistakes);
            Ok(match row.form {
                Form::Parts(parts) => Some(Value::Parts(sort(row, parts, pairs, mistakes))),
                _ => Some(Value::Pairs(pairs)),
            })
        }
    }
}

/// Reads `argument, ..`.
fn arguments(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let mut named = Vec::new();
    while !input.is_empty() {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected the name of an argument"));
        }
        named.push(Ident::parse_any(input)?);
        pair::comma(input)?;
    }
    Ok(named)
}

/// Reads `= value` after the key `name`, where the `=` stands; nothing where the value is missing.
pub(crate) fn assigned(
    name: &str,
    input: ParseStream<'_>,
    mistakes: &mut Mistakes,
) -> Result<Option<Expr>> {
    let equals: Token![=] = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        mistakes.at(equals, format!("expected a value after `{name} =`"));
        return Ok(None);
    }
    let last = last_token(input);
    match input.parse() {
        Ok(value) => Ok(Some(value)),
        // At the end of the attribute's arguments the caret would lie under the whole attribute.
        Err(mistake) if input.is_empty() && is_early_end(&mistake) => Err(Error::new(
            last,
            format!("the value of `{name}` ends too early"),
        )),
        Err(mistake) => Err(mistake),
    }
}

/// Whether what was read ended where more was expected; `syn` tells it by its words alone.
fn is_early_end(mistake: &Error) -> bool {
    mistake.to_string().starts_with("unexpected end of input")
}

/// Passes over what stands after a key that cannot be used.
pub(crate) fn skip(input: ParseStream<'_>) -> Result<()> {
    let is_at_end = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]);
    if input.parse::<Option<Token![=]>>()?.is_some() && !is_at_end(input) {
        input.parse::<Expr>()?;
        return Ok(());
    }
    while !is_at_end(input) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The value in the form that the option takes.
fn typed(row: &OptionRow, value: Expr) -> Result<Value> {
    match (&row.form, bare(&value)) {
        (Form::Function, Expr::Path(path)) => Ok(Value::Function(path.clone())),
        (Form::Function, _) => Err(Error::new_spanned(
            value,
            format!("expected the path of a function: write {}", row.usage()),
        )),
        (Form::Word(words), value) => word(row, words, value),
        _ => Ok(Value::Expr(value)),
    }
}

fn word(row: &OptionRow, words: &[(&str, &'static str)], value: &Expr) -> Result<Value> {
    let usage = row.usage();
    let Some(Literal::Str(text)) = Literal::of(value) else {
        return Err(Error::new_spanned(
            value,
            format!("expected a string: {usage}"),
        ));
    };
    let written = text.value();
    if let Some((_, chosen)) = words.iter().find(|(word, _)| *word == written) {
        return Ok(Value::Word(chosen));
    }
    let meant = did_you_mean(&written, words.iter().map(|(word, _)| *word));
    Err(Error::new_spanned(
        text,
        format!("unknown {} `{written}`{meant} write {usage}", row.name),
    ))
}

fn path(row: &OptionRow, input: ParseStream<'_>, mistakes: &mut Mistakes) -> Result<Option<Value>> {
    let equals: Token![=] = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        mistakes.at(equals, format!("expected a path after `{} =`", row.name));
        return Ok(None);
    }
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        mistakes.at(
            text,
            format!("`{}` takes a path: write it without quotes", row.name),
        );
        return Ok(None);
    }
    if !input.peek(Token![::]) && !input.peek(Ident::peek_any) {
        return Err(input.error(format!("`{}` takes a path", row.name)));
    }
    Path::parse_mod_style(input).map(|path| Some(Value::Path(path)))
}

/// Why `unchecked` is out of place.
pub(crate) const NOT_CHECKED: &str =
    "this is not compared with the conventions: leave `unchecked` out";

/// Sorts pairs whose keys must be those of `parts`.
fn sort(
    row: &OptionRow,
    parts: &'static [(&'static str, &'static str)],
    pairs: Vec<Pair>,
    mistakes: &mut Mistakes,
) -> Vec<(&'static str, Pair)> {
    pair::check_keys(&pairs, &[], mistakes);
    let mut sorted = Vec::new();
    for pair in pairs {
        if let Some(word) = &pair.key.unchecked {
            mistakes.at(word, NOT_CHECKED);
        }
        let name = pair.key.name();
        if let Some((_, attribute)) = parts.iter().find(|(part, _)| *part == name) {
            sorted.push((*attribute, pair));
            continue;
        }
        let meant = did_you_mean(&name, parts.iter().map(|(part, _)| *part));
        let message = format!(
            "`{}` has no part `{name}`{meant} write {}",
            row.name,
            row.usage()
        );
        mistakes.at(pair.key, message);
    }
    sorted
}

/// `; did you mean ..?` where one of the candidates is close.
fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    match closest(word, candidates) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => ";".to_owned(),
    }
}

/// The place of the last token that is still to be read.
fn last_token(input: ParseStream<'_>) -> Span {
    let rest: TokenStream = input.fork().parse().unwrap_or_default();
    rest.into_iter()
        .last()
        .map_or_else(Span::call_site, |token| token.span())
}
