//! What `#[genai(..)]` says of a type or of a variant.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Meta, Path, Result, Token, token};

use super::is_helper;
use crate::args::literal::{Literal, NameFault};
use crate::args::{Value, pair, value};
use crate::mistakes::Mistakes;
use crate::options::{Form, OptionRow, Role, Type};
use crate::suggest::closest;

/// The attribute of the derive.
pub(super) const HELPER: &str = "genai";

/// Longest kind of error, in bytes; the runtime cuts what is longer.
const MAX_BYTES: usize = 64;

const ERROR_TYPE: &str = "error_type";
const TRANSPARENT: &str = "transparent";
const CRATE: &str = "crate";

/// Where the attribute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Enum,
    Struct,
    Variant,
}

impl Place {
    const fn in_words(self) -> &'static str {
        match self {
            Place::Enum => "an enum",
            Place::Struct => "a struct",
            Place::Variant => "a variant",
        }
    }

    /// The options that may stand here.
    const fn takes(self) -> &'static [&'static str] {
        match self {
            Place::Enum => &[ERROR_TYPE, CRATE],
            Place::Struct => &[ERROR_TYPE, TRANSPARENT, CRATE],
            Place::Variant => &[ERROR_TYPE, TRANSPARENT],
        }
    }

    fn takes_in_words(self) -> String {
        let names: Vec<_> = self.takes().iter().map(|name| usage(name)).collect();
        format!("{} takes {}", self.in_words(), names.join(", "))
    }
}

/// An option as it is written, for messages.
fn usage(name: &str) -> &'static str {
    match name {
        ERROR_TYPE => "`error_type = \"..\"`",
        TRANSPARENT => "`transparent`",
        _ => "`crate = path`",
    }
}

/// What `#[genai(..)]` says, in the user's own tokens.
#[derive(Default)]
pub(super) struct Said {
    pub(super) error_type: Option<LitStr>,
    pub(super) transparent: Option<Ident>,
    /// The path of the runtime.
    pub(super) runtime: Option<Path>,
    /// The options that are given, right or wrong.
    seen: Vec<String>,
}

impl Said {
    /// Reads the attributes of something that stands at `place`.
    pub(super) fn read(attributes: &[Attribute], place: Place, mistakes: &mut Mistakes) -> Self {
        let mut said = Said::default();
        for attribute in attributes.iter().filter(|attribute| is_helper(attribute)) {
            match &attribute.meta {
                Meta::List(list) if !list.tokens.is_empty() => {
                    let read = list.parse_args_with(|input: ParseStream<'_>| {
                        said.read_options(input, place, mistakes)
                    });
                    mistakes.keep(read);
                }
                Meta::NameValue(_) => mistakes.at(
                    attribute.path(),
                    format!("write `genai(..)`: {}", place.takes_in_words()),
                ),
                Meta::List(_) | Meta::Path(_) => mistakes.at(
                    attribute.path(),
                    format!("`genai` says nothing here: {}", place.takes_in_words()),
                ),
            }
        }
        said
    }

    fn read_options(
        &mut self,
        input: ParseStream<'_>,
        place: Place,
        mistakes: &mut Mistakes,
    ) -> Result<()> {
        while !input.is_empty() {
            if input.peek(LitStr) {
                let text: LitStr = input.parse()?;
                let mend = format!("write `error_type = {}`", text.token());
                mistakes.at(text, mend);
                pair::comma(input)?;
                continue;
            }
            if !input.peek(Ident::peek_any) {
                let takes = place.takes_in_words();
                return Err(input.error(format!("expected an option: {takes}")));
            }
            let key = Ident::parse_any(input)?;
            self.read_option(&key, input, place, mistakes)?;
            pair::comma(input)?;
        }
        Ok(())
    }

    fn read_option(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        place: Place,
        mistakes: &mut Mistakes,
    ) -> Result<()> {
        let name = key.unraw().to_string();
        if !place.takes().contains(&name.as_str()) {
            mistakes.at(key, refused(&name, place));
            return value::skip(input);
        }
        if self.seen.contains(&name) {
            mistakes.at(key, format!("`{name}` is given twice: keep one of them"));
            return value::skip(input);
        }
        let excluded = match name.as_str() {
            ERROR_TYPE => Some(TRANSPARENT),
            TRANSPARENT => Some(ERROR_TYPE),
            _ => None,
        };
        if let Some(other) = excluded.filter(|other| self.seen.iter().any(|seen| seen == other)) {
            mistakes.at(
                key,
                format!("`{other}` and `{name}` exclude each other: keep one of them"),
            );
            self.seen.push(name);
            return value::skip(input);
        }
        match name.as_str() {
            ERROR_TYPE => self.error_type = read_text(key, input, place, mistakes)?,
            TRANSPARENT => self.transparent = read_flag(key, input, mistakes)?,
            _ => {
                if let Some(Value::Path(path)) = value::parse(&RUNTIME, key, input, mistakes)? {
                    self.runtime = Some(path);
                }
            }
        }
        self.seen.push(name);
        Ok(())
    }
}

/// `crate = path`, as every attribute takes it.
const RUNTIME: OptionRow = OptionRow {
    name: CRATE,
    on: &[],
    form: Form::Path,
    role: Role::Crate,
    excludes: None,
    needs: None,
};

/// Why the option `name` may not stand at `place`.
fn refused(name: &str, place: Place) -> String {
    let takes = place.takes_in_words();
    match (name, place) {
        (TRANSPARENT, Place::Enum) => {
            "an enum has no field of its own: put `transparent` on the variants that have one"
                .to_owned()
        }
        (CRATE, Place::Variant) => "`crate = path` stands on the type".to_owned(),
        _ => match closest(name, place.takes().iter().copied()) {
            Some(meant) => format!("unknown option `{name}`; did you mean `{meant}`? {takes}"),
            None => format!("unknown option `{name}`; {takes}"),
        },
    }
}

/// Reads what stands after `transparent`, which is nothing.
fn read_flag(
    key: &Ident,
    input: ParseStream<'_>,
    mistakes: &mut Mistakes,
) -> Result<Option<Ident>> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Some(key.clone()));
    }
    if input.peek(Token![=]) || input.peek(token::Paren) {
        mistakes.at(key, "write `transparent` alone, without a value");
        return value::skip(input).map(|()| None);
    }
    // Something that no comma parts from it: whoever reads on says so.
    Ok(Some(key.clone()))
}

/// Reads `= "kind"` after `error_type`.
fn read_text(
    key: &Ident,
    input: ParseStream<'_>,
    place: Place,
    mistakes: &mut Mistakes,
) -> Result<Option<LitStr>> {
    if !input.peek(Token![=]) {
        mistakes.at(key, "write `error_type = \"..\"`");
        return value::skip(input).map(|()| None);
    }
    let Some(given) = value::assigned(&key.unraw().to_string(), input, mistakes)? else {
        return Ok(None);
    };
    let text = match Literal::of(&given) {
        Some(Literal::Str(text)) => text.clone(),
        Some(literal) => {
            let mend = literal.as_type(Type::Text).unwrap_or("\"..\"".to_owned());
            let message = format!("`error_type` takes a string: write `error_type = {mend}`");
            mistakes.at(literal, message);
            return Ok(None);
        }
        None => {
            mistakes.at(
                given,
                "`error_type` takes a string that stands here, such as `\"rate_limited\"`: kinds of \
                 error are few; where the error knows its kind, implement `GenAiError` by hand",
            );
            return Ok(None);
        }
    };
    if let Some(fault) = fault(&text.value(), place) {
        mistakes.at(&text, format!("the kind of error {fault}"));
    }
    Ok(Some(text))
}

/// What is wrong with a kind of error.
fn fault(text: &str, place: Place) -> Option<String> {
    match NameFault::of(text) {
        Some(fault @ NameFault::Empty) if place == Place::Struct => Some(format!(
            "{fault}: leave it out to take the struct's own name"
        )),
        Some(fault @ NameFault::Empty) => Some(format!(
            "{fault}: leave it out to take the variant's own name"
        )),
        Some(fault) => Some(fault.to_string()),
        None if text.len() > MAX_BYTES => Some(format!(
            "has {} bytes: {MAX_BYTES} at most, and no message",
            text.len()
        )),
        None => None,
    }
}
