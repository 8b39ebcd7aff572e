//! What a function returns, written where a body returns it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{ReturnType, Signature, Type, parse_quote_spanned};

/// What a function returns.
pub(crate) struct Output {
    /// The type, written so that it can stand inside a body.
    pub(crate) written: TokenStream,
    /// Where mismatches point: the type, or the function's name where none is written.
    pub(crate) span: Span,
    /// Whether the function never returns.
    pub(crate) is_never: bool,
}

impl Output {
    pub(crate) fn of(signature: &Signature) -> Self {
        let hygiene = Span::mixed_site();
        match &signature.output {
            ReturnType::Default => {
                let span = hygiene.located_at(signature.ident.span());
                Output {
                    written: quote_spanned!(span=> ()),
                    span,
                    is_never: false,
                }
            }
            ReturnType::Type(_, returned) => {
                let span = hygiene.located_at(returned.span());
                let is_never = matches!(**returned, Type::Never(_));
                let mut written = returned.clone();
                Inside.visit_type_mut(&mut written);
                Output {
                    written: match is_never {
                        // `!` may not be written as a type of a value; nothing is of this one either.
                        true => quote_spanned!(span=> ::core::convert::Infallible),
                        false => written.into_token_stream(),
                    },
                    span,
                    is_never,
                }
            }
        }
    }
}

/// `impl Trait` may not be written inside a body; there it is for the compiler to find.
struct Inside;

impl VisitMut for Inside {
    fn visit_type_mut(&mut self, node: &mut Type) {
        match node {
            Type::ImplTrait(hidden) => *node = parse_quote_spanned!(hidden.span()=> _),
            other => visit_type_mut(self, other),
        }
    }
}
