//! What stands in an attribute's parentheses.

pub(crate) mod literal;
pub(crate) mod pair;
pub(crate) mod value;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Lit, LitStr, Path, Result, Token};

pub(crate) use literal::Literal;
pub(crate) use pair::{Pair, UNCHECKED};
pub(crate) use value::{NOT_CHECKED, Value};

use crate::kind::{Kind, Naming};
use crate::mistakes::Mistakes;
use crate::options::{self, Form, OptionRow, Role};
use crate::output::Expected;
use crate::suggest::closest;

const NEITHER: &str = "expected a name in quotes, or an option";

/// What stands in an attribute's parentheses, in the user's own tokens.
pub(crate) struct Args {
    pub(crate) kind: Kind,
    /// The string in front.
    pub(crate) name: Option<LitStr>,
    /// The options, in the order in which they are written.
    pub(crate) options: Vec<Given>,
}

/// An option that is given.
pub(crate) struct Given {
    /// The word in front that says that the conventions are not to be asked.
    pub(crate) unchecked: Option<Ident>,
    pub(crate) key: Ident,
    pub(crate) row: &'static OptionRow,
    /// Nothing where the value is a mistake.
    pub(crate) value: Option<Value>,
}

impl Given {
    /// The value, where it is known while compiling.
    pub(crate) fn literal(&self) -> Option<Literal<'_>> {
        match &self.value {
            Some(Value::Expr(value)) => Literal::of(value),
            _ => None,
        }
    }

    /// The attributes that the option's parts set.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &'static str> {
        let parts = match &self.value {
            Some(Value::Parts(parts)) => parts.as_slice(),
            _ => &[],
        };
        parts.iter().map(|(attribute, _)| *attribute)
    }
}

impl Args {
    /// Reads `tokens`; what cannot be read is a mistake and is left out.
    pub(crate) fn parse(kind: Kind, tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut args = Args {
            kind,
            name: None,
            options: Vec::new(),
        };
        let read = (|input: ParseStream<'_>| args.read(input, mistakes)).parse2(tokens);
        mistakes.keep(read);
        args
    }

    fn read(&mut self, input: ParseStream<'_>, mistakes: &mut Mistakes) -> Result<()> {
        while !input.is_empty() {
            let unchecked = pair::unchecked(input)?;
            let is_word = input.peek(Ident::peek_any) && !input.peek(syn::LitBool);
            if is_word {
                self.read_option(unchecked, input, mistakes)?;
            } else {
                if let Some(word) = unchecked {
                    mistakes.at(word, NOT_CHECKED);
                }
                self.read_name(input, mistakes)?;
            }
            pair::comma(input)?;
        }
        Ok(())
    }

    fn read_name(&mut self, input: ParseStream<'_>, mistakes: &mut Mistakes) -> Result<()> {
        if !input.peek(Lit) {
            return Err(input.error(NEITHER));
        }
        let attribute = self.kind.attribute();
        match input.parse()? {
            Lit::Str(text) if self.kind.naming() == Naming::Never => {
                let mut message = format!("`{attribute}` takes no name");
                if let Some(subject) = options::subject(self.kind) {
                    message += &format!(": write `{subject} = {}`", text.token());
                }
                mistakes.at(text, message);
            }
            Lit::Str(text) if self.name.is_some() => mistakes.at(text, "a second name: keep one"),
            Lit::Str(text) if !self.options.is_empty() => {
                mistakes.at(text, "the name stands before the options");
            }
            Lit::Str(text) => self.name = Some(text),
            other => mistakes.at(other, NEITHER),
        }
        Ok(())
    }

    fn read_option(
        &mut self,
        unchecked: Option<Ident>,
        input: ParseStream<'_>,
        mistakes: &mut Mistakes,
    ) -> Result<()> {
        let key = Ident::parse_any(input)?;
        let name = key.unraw().to_string();
        let Some(row) = options::find(self.kind, &name) else {
            let is_bare = !input.peek(Token![=]) && !input.peek(syn::token::Paren);
            mistakes.push(unknown(self.kind, &key, is_bare));
            return value::skip(input);
        };
        let value = value::parse(row, &key, input, mistakes)?;
        self.options.push(Given {
            unchecked,
            key,
            row,
            value,
        });
        Ok(())
    }

    /// The option that plays `role`, where it is given.
    pub(crate) fn find(&self, role: &Role) -> Option<&Given> {
        self.options.iter().find(|given| given.row.role == *role)
    }

    /// The function that plays `role`, where one is given.
    pub(crate) fn function(&self, role: &Role) -> Option<&syn::ExprPath> {
        match &self.find(role)?.value {
            Some(Value::Function(path)) => Some(path),
            _ => None,
        }
    }

    /// The key of the flag `name`, where it is given.
    pub(crate) fn flag(&self, name: &str) -> Option<&Ident> {
        let is_it = |given: &&Given| {
            given.row.name == name && matches!(given.row.form, Form::Flag) && given.value.is_some()
        };
        self.options.iter().find(is_it).map(|given| &given.key)
    }

    /// The word in front that says what a memory is asked to do.
    pub(crate) fn memory_operation(&self) -> Option<&'static str> {
        let word = self
            .name
            .as_ref()
            .filter(|_| self.kind == Kind::Memory)?
            .value();
        let known = options::MEMORY_OPERATIONS
            .iter()
            .find(|(known, _)| *known == word);
        known.map(|(_, operation)| *operation)
    }

    /// Whether an option reads what the function returns, as gates and calls of models always do.
    pub(crate) fn reads_the_result(&self) -> bool {
        self.kind == Kind::Gate
            || self.kind.reads_answers()
            || self.options.iter().any(|given| {
                matches!(
                    given.row.role,
                    Role::Readings | Role::Result | Role::Err | Role::ErrorIf | Role::Response
                )
            })
    }

    /// What the function is expected to return.
    pub(crate) fn expected(&self) -> Expected {
        match self.flag("stream") {
            Some(_) => Expected::Stream,
            None => Expected::Anything,
        }
    }

    /// Where the runtime is found, if under another name.
    pub(crate) fn crate_path(&self) -> Option<&Path> {
        match self.find(&Role::Crate)?.value.as_ref()? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The path of everything that the expansion calls.
    pub(crate) fn private(&self) -> TokenStream {
        private(self.crate_path())
    }
}

/// The path of the runtime, which is found at `path` if not under its own name.
pub(crate) fn runtime(path: Option<&Path>) -> TokenStream {
    match path {
        Some(path) => path.to_token_stream(),
        None => quote_spanned!(proc_macro2::Span::mixed_site()=> ::genai_trace),
    }
}

/// The path of everything that an expansion calls.
pub(crate) fn private(path: Option<&Path>) -> TokenStream {
    let runtime = runtime(path);
    quote_spanned!(proc_macro2::Span::mixed_site()=> #runtime::__private)
}

/// The mistake of an option that `kind` does not take.
fn unknown(kind: Kind, key: &Ident, is_bare: bool) -> Error {
    let (attribute, name) = (kind.attribute(), key.unraw().to_string());
    if name == UNCHECKED {
        let message = "`unchecked` stands in front of what it concerns: write \
            `unchecked provider = value` or `fields(unchecked key = value)`";
        return Error::new(key.span(), message);
    }
    let takers: Vec<_> = options::takers(&name)
        .map(|taker| format!("`{}`", taker.attribute()))
        .collect();
    let mut message = match takers.is_empty() {
        true => format!("unknown option `{name}`"),
        false => format!(
            "`{name}` is an option of {}, not of `{attribute}`",
            takers.join(", ")
        ),
    };
    message += &match closest(&name, options::names(kind)) {
        Some(meant) => format!("; did you mean `{meant}`? "),
        None if is_bare && kind.naming() != Naming::Never && takers.is_empty() => {
            format!("; a name stands in quotes: `\"{name}\"`; ")
        }
        None => "; ".to_owned(),
    };
    let known: Vec<_> = options::names(kind)
        .map(|name| format!("`{name}`"))
        .collect();
    Error::new(
        key.span(),
        format!("{message}`{attribute}` takes {}", known.join(", ")),
    )
}
