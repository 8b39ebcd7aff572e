//! Generated tokens that lie where the user's do, so that a caret meets the user's own text.
//!
//! The compiler draws a caret from the first to the last token of what it complains about. Tokens
//! keep the hygiene of the macro: they only borrow the place.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// Where some of the user's tokens begin and where they end.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    first: Span,
    last: Span,
}

impl Place {
    /// The place of `tokens`.
    pub(crate) fn of(tokens: &impl ToTokens) -> Self {
        let site = Span::mixed_site();
        let mut tokens = tokens.to_token_stream().into_iter();
        let first = tokens.next().map_or(site, |token| token.span());
        let last = tokens.last().map_or(first, |token| token.span());
        Place {
            first: site.located_at(first),
            last: site.located_at(last),
        }
    }

    /// Where the tokens begin.
    pub(crate) fn start(self) -> Span {
        self.first
    }

    /// `(inside)`, whose closing parenthesis lies at the end of the place.
    pub(crate) fn parenthesized(self, inside: TokenStream) -> TokenTree {
        let mut group = Group::new(Delimiter::Parenthesis, inside);
        group.set_span(self.last);
        TokenTree::Group(group)
    }
}

/// `&(value)`
pub(crate) fn borrowed(value: &impl ToTokens) -> TokenStream {
    let place = Place::of(value);
    let group = place.parenthesized(value.to_token_stream());
    quote_spanned!(place.start()=> &#group)
}

/// `(function)(argument)`
pub(crate) fn applied(function: &impl ToTokens, argument: &TokenStream) -> TokenStream {
    let place = Place::of(function);
    let arguments = place.parenthesized(argument.clone());
    quote_spanned!(place.start()=> (#function)#arguments)
}

/// `Option::map(Some(argument), function)`, through which a closure knows the type of its argument.
pub(crate) fn mapped(function: &impl ToTokens, argument: &TokenStream) -> TokenStream {
    let place = Place::of(function);
    let arguments = place.parenthesized(quote_spanned! {place.start()=>
        ::core::option::Option::Some(#argument), #function
    });
    quote_spanned!(place.start()=> ::core::option::Option::map #arguments)
}

/// `(&&Probe(result)).read_by(span, outcome, function)`, of which one of the traits of `private` fits.
pub(crate) fn responded(
    function: &impl ToTokens,
    result: &TokenStream,
    span: &TokenStream,
    private: &TokenStream,
    read: &Ident,
    outcome: &TokenStream,
) -> TokenStream {
    let place = Place::of(function);
    let arguments = place.parenthesized(quote_spanned! {place.start()=>
        #span, #outcome, #function
    });
    let read = Ident::new(&format!("{read}_by"), place.start());
    quote_spanned!(place.start()=> (&&#private::Probe(#result)).#read #arguments)
}
