//! `record!(..)`: facts on the span that runs now.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Path, Result, Token};

use crate::args::{self, Pair, pair};
use crate::conventions::{self, Site};
use crate::facts::call_set;
use crate::mistakes::Mistakes;

/// The call that `record!(..)` stands for, or its mistakes.
pub(crate) fn record(tokens: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let read = (|input: ParseStream<'_>| read(input, &mut mistakes)).parse2(tokens);
    let read = mistakes.keep(read);
    if let Some((_, pairs)) = &read {
        for pair in pair::check_keys(pairs, &[], &mut mistakes) {
            conventions::check(pair, Site::Body, &mut mistakes);
        }
    }
    match (mistakes.into_error(), read) {
        (None, Some((runtime, pairs))) => expand(runtime.as_ref(), &pairs),
        (mistakes, _) => {
            let mistakes = mistakes.map(Error::into_compile_error);
            quote!({ #mistakes })
        }
    }
}

/// Reads `key = value, ..`, and `crate = path` in front of it.
fn read(input: ParseStream<'_>, mistakes: &mut Mistakes) -> Result<(Option<Path>, Vec<Pair>)> {
    if input.is_empty() {
        let message = "nothing to record: write `record!(app.step = value)`";
        return Err(Error::new(input.span(), message));
    }
    let mut runtime = None;
    if input.peek(Token![crate]) && input.peek2(Token![=]) {
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        runtime = Some(Path::parse_mod_style(input)?);
        pair::comma(input)?;
    }
    Ok((runtime, pair::parse(input, mistakes)))
}

fn expand(runtime: Option<&Path>, pairs: &[Pair]) -> TokenStream {
    let private = args::private(runtime);
    let calls = pairs
        .iter()
        .map(|pair| call_set(&pair.key.name(), conventions::type_of(pair), &pair.value));
    let site = Span::mixed_site();
    if cfg!(feature = "off") {
        // Never called, and so no part of the program; the compiler sees the variables used all the same.
        return quote_spanned! {site=>
            { let _ = |__a: &mut #private::Recording<'_>| { #(#calls)* }; }
        };
    }
    quote_spanned!(site=> #private::record(|__a| { #(#calls)* }))
}
