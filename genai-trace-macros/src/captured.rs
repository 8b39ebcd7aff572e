//! What `args(..)` shows of a function's arguments, and the notes `#[capture(..)]` on these.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::visit_mut::{VisitMut, visit_pat_ident_mut};
use syn::{Attribute, FnArg, PatIdent};

use crate::mistakes::Mistakes;
use crate::shape::Function;

/// The word of the note.
const NOTE: &str = "capture";

/// What is shown of an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Whole,
    Nothing,
    Hash,
    Last4,
}

impl Shown {
    /// What a note says; nothing where that means nothing.
    fn of(note: &Attribute) -> Option<Self> {
        let word: Ident = note.parse_args_with(Ident::parse_any).ok()?;
        match word.to_string().as_str() {
            "skip" => Some(Shown::Nothing),
            "hash" => Some(Shown::Hash),
            "last4" => Some(Shown::Last4),
            _ => None,
        }
    }

    /// The variant of the runtime's `Shown`.
    const fn variant(self) -> &'static str {
        match self {
            Shown::Whole | Shown::Nothing => "Whole",
            Shown::Hash => "Hash",
            Shown::Last4 => "Last4",
        }
    }
}

/// Adds every note that means nothing, or that nothing asks for.
pub(crate) fn check(function: &Function, has_args: bool, mistakes: &mut Mistakes) {
    for argument in &function.signature.inputs {
        for note in notes(argument) {
            if Shown::of(note).is_none() {
                let message = "write `#[capture(skip)]`, `#[capture(hash)]` or `#[capture(last4)]`";
                mistakes.at(note, message);
            } else if !has_args {
                mistakes.at(note, "nothing captures this argument: write `args`, or `args(..)` with its name, in the attribute");
            }
        }
    }
}

fn notes(argument: &FnArg) -> impl Iterator<Item = &Attribute> {
    let attrs = match argument {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(argument) => &argument.attrs,
    };
    attrs.iter().filter(|attr| attr.path().is_ident(NOTE))
}

/// The call that shows the arguments that are `named`, or all but `self` where none is.
pub(crate) fn shown(function: &Function, named: &[Ident], private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let mut calls = Vec::new();
    for argument in &function.signature.inputs {
        let FnArg::Typed(typed) = argument else {
            continue;
        };
        let said = notes(argument).find_map(Shown::of).unwrap_or(Shown::Whole);
        let mut bound = Bound(Vec::new());
        bound.visit_pat_mut(&mut typed.pat.clone());
        for name in bound.0 {
            let word = name.unraw().to_string();
            let asked = named.iter().find(|named| named.unraw() == word);
            if said == Shown::Nothing || (asked.is_none() && !named.is_empty()) {
                continue;
            }
            let (value, how) = (asked.unwrap_or(&name), Ident::new(said.variant(), site));
            calls.push(quote_spanned! {site=>
                (&&&#private::Probe(&#value)).__show(__c, #word, #private::Shown::#how);
            });
        }
    }
    quote_spanned!(site=> __a.arguments(|__c| { #(#calls)* });)
}

/// The names that patterns bind.
struct Bound(Vec<Ident>);

impl VisitMut for Bound {
    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        self.0.push(pattern.ident.clone());
        visit_pat_ident_mut(self, pattern);
    }
}

/// Functions without the notes on their arguments: no attribute of their own, so that they go in any case.
pub(crate) fn without_notes(functions: TokenStream) -> TokenStream {
    let without = |group: &Group, inside| {
        let mut without = Group::new(group.delimiter(), inside);
        without.set_span(group.span());
        TokenTree::Group(without)
    };
    functions
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) if has_notes(&group) => without(&group, left(group.stream())),
            // What a `macro_rules!` was given as an item.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                without(&group, without_notes(group.stream()))
            }
            other => other,
        })
        .collect()
}

fn has_notes(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    group.delimiter() == Delimiter::Parenthesis && tokens.any(|token| is_note(&token))
}

fn left(arguments: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in arguments {
        if is_note(&token)
            && matches!(kept.last(), Some(TokenTree::Punct(hash)) if hash.as_char() == '#')
        {
            kept.pop();
        } else {
            kept.push(token);
        }
    }
    kept.into_iter().collect()
}

/// Whether this is what stands behind the `#` of a note.
fn is_note(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
            matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == NOTE)
        }
        _ => false,
    }
}
