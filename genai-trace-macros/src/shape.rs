//! What an attribute stands on: its parts, and whether a span can be put around it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::visit_mut::{VisitMut, visit_pat_ident_mut};
use syn::{
    Attribute, Error, FnArg, Ident, Meta, PatIdent, Receiver, ReceiverKind, Result, Signature,
    Type, Visibility,
};

use crate::captured;
use crate::kind::Kind;

/// A function with a body.
///
/// The body is never parsed: what an editor hands over is often half typed, and the compiler says
/// better than a macro what is wrong with it.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) signature: Signature,
    /// Everything before the body, as it was written.
    pub(crate) head: TokenStream,
    /// The attributes at the start of the body, as they were written.
    pub(crate) inner: TokenStream,
    /// The body without these, in the user's own braces.
    pub(crate) body: Group,
}

impl Function {
    /// Takes apart what the attribute `kind` stands on.
    pub(crate) fn parse(kind: Kind, item: TokenStream) -> Result<Self> {
        let mut tokens = unwrapped(item);
        let last = tokens.pop();
        let Some(body) = last.as_ref().and_then(braces) else {
            tokens.extend(last);
            return Err(not_a_function(kind, &tokens));
        };
        let head: TokenStream = tokens.iter().cloned().collect();
        let (attrs, signature) = match read_head.parse2(head.clone()) {
            Ok(read) => read,
            // A function that is half typed, or newer than `syn`: that is all there is to say.
            Err(mistake) if is_function(&tokens) => return Err(mistake),
            Err(_) => return Err(not_a_function(kind, &tokens)),
        };
        let (inner, body) = split(body);
        Ok(Function {
            attrs,
            signature,
            head: captured::without_notes(head),
            inner,
            body,
        })
    }

    /// The function's name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }

    /// The names that its arguments bind, without `r#`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut bound = Bound(Vec::new());
        for argument in self.signature.inputs.clone() {
            match argument {
                FnArg::Receiver(receiver) => bound.0.push(receiver.self_token.into()),
                FnArg::Typed(mut argument) => bound.visit_pat_mut(&mut argument.pat),
            }
        }
        bound
            .0
            .iter()
            .map(|name| name.unraw().to_string())
            .collect()
    }

    /// The arguments that are to be dropped with the body, last first, where that is not sure anyway.
    ///
    /// A closure takes what its body mentions, in the order in which it does, and drops it in that
    /// order. One that is not mentioned at all stays out if the compiler is to say that it is unused.
    pub(crate) fn dropped_with_the_body(&self) -> Vec<Ident> {
        let mut bound = Bound(Vec::new());
        for argument in &self.signature.inputs {
            match argument {
                FnArg::Receiver(receiver) if takes_self(receiver) => {
                    bound.0.push(receiver.self_token.into());
                }
                // Whether one with an attribute is there at all, only the compiler knows.
                FnArg::Typed(argument) if argument.attrs.is_empty() && owns(&argument.ty) => {
                    bound.visit_pat_mut(&mut argument.pat.clone());
                }
                _ => {}
            }
        }
        let is_private = |name: &Ident| name.to_string().starts_with('_');
        let mut owned = bound.0;
        owned.retain(|name| {
            *name == "self" || is_private(name) || mentions(self.body.stream(), name)
        });
        let is_sure = |name: &Ident| !is_private(name) && mentions(self.body.stream(), name);
        if let [only] = owned.as_slice()
            && is_sure(only)
        {
            return Vec::new();
        }
        owned.reverse();
        owned
    }

    /// Whether the function tells its callers apart, also where that depends on a `cfg_attr`.
    pub(crate) fn tracks_caller(&self) -> bool {
        let says_so = |attr: &Attribute| match &attr.meta {
            Meta::List(list) if attr.path().is_ident("cfg_attr") => list
                .tokens
                .clone()
                .into_iter()
                .any(|token| matches!(token, TokenTree::Ident(word) if word == "track_caller")),
            meta => meta.path().is_ident("track_caller"),
        };
        self.attrs.iter().any(says_so)
    }
}

/// The names that patterns bind.
struct Bound(Vec<Ident>);

impl VisitMut for Bound {
    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        self.0.push(pattern.ident.clone());
        visit_pat_ident_mut(self, pattern);
    }
}

/// Whether the receiver is `self` itself, and no reference to it.
fn takes_self(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Typed(_, ty) => owns(ty),
        ReceiverKind::Value => true,
        _ => false,
    }
}

/// Whether a value of this type may have something to drop, so far as its name tells.
fn owns(ty: &Type) -> bool {
    const PLAIN: [&str; 16] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
        "i128", "isize", "f32", "f64",
    ];
    match ty {
        Type::Reference(_) | Type::Ptr(_) => false,
        Type::Path(path) => !PLAIN.iter().any(|plain| path.path.is_ident(plain)),
        _ => true,
    }
}

/// Whether `name` stands anywhere among the tokens.
fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// The tokens of `item`; a macro that passes on an item wraps it in an invisible group.
pub(crate) fn unwrapped(item: TokenStream) -> Vec<TokenTree> {
    let mut tokens: Vec<_> = item.into_iter().collect();
    while let [TokenTree::Group(group)] = tokens.as_slice()
        && group.delimiter() == Delimiter::None
    {
        tokens = group.stream().into_iter().collect();
    }
    tokens
}

/// The group in braces that `token` is, through invisible groups.
fn braces(token: &TokenTree) -> Option<Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.clone()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let mut inner = group.stream().into_iter();
            let only = inner.next()?;
            inner.next().is_none().then(|| braces(&only))?
        }
        _ => None,
    }
}

fn read_head(input: ParseStream<'_>) -> Result<(Vec<Attribute>, Signature)> {
    let attrs = input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    if input.peek(syn::Token![default]) {
        input.parse::<syn::Token![default]>()?;
    }
    Ok((attrs, input.parse()?))
}

/// Parts the attributes at the start of a body from the rest.
fn split(body: Group) -> (TokenStream, Group) {
    let read = |input: ParseStream<'_>| {
        let inner = input.call(Attribute::parse_inner)?;
        Ok((inner, input.parse::<TokenStream>()?))
    };
    match read.parse2(body.stream()) {
        Ok((inner, rest)) if !inner.is_empty() => {
            let mut without = Group::new(Delimiter::Brace, rest);
            without.set_span(body.span());
            (
                inner.iter().map(ToTokens::to_token_stream).collect(),
                without,
            )
        }
        _ => (TokenStream::new(), body),
    }
}

/// Whether the tokens, which end before a body, begin as a function does.
fn is_function(tokens: &[TokenTree]) -> bool {
    const BEGINNINGS: [&str; 6] = ["fn", "const", "async", "unsafe", "extern", "default"];
    let item = without_front(tokens);
    let begins = match item.first() {
        Some(TokenTree::Ident(word)) => BEGINNINGS.iter().any(|beginning| word == beginning),
        _ => false,
    };
    begins && item.iter().any(is_fn)
}

fn is_fn(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if word == "fn")
}

/// The item without attributes and visibility.
pub(crate) fn without_front(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let read = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<TokenStream>()
    };
    let item = read.parse2(tokens.iter().cloned().collect());
    item.unwrap_or_default().into_iter().collect()
}

/// The mistake of an attribute on something that no span can be put around.
fn not_a_function(kind: Kind, tokens: &[TokenTree]) -> Error {
    let attribute = kind.attribute();
    let item = without_front(tokens);
    if let Some(TokenTree::Punct(end)) = item.last()
        && end.as_char() == ';'
        && is_function(&item)
    {
        return Error::new(
            end.span(),
            format!("this function has no body: put `{attribute}` on one that has"),
        );
    }
    let first = item.first();
    let advice = match first.map(ToString::to_string).as_deref() {
        Some("impl" | "trait" | "mod") => format!("put `{attribute}` on each function inside"),
        Some("|" | "move" | "let") => {
            format!("put `{attribute}` on a function, or use `genai_trace::span`")
        }
        _ => format!("`{attribute}` goes on a function or a method"),
    };
    Error::new_spanned(first, format!("no span can be put around this: {advice}"))
}
