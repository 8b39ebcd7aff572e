//! What is left of a function whose attribute has mistakes: itself.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use crate::captured;

/// The mistakes and the item, so that nothing that uses the item breaks as well. The notes on arguments go:
/// nobody else knows them.
pub(crate) fn fallback(mistakes: &Error, item: TokenStream, is_traced: bool) -> TokenStream {
    let mut tokens = mistakes.to_compile_error();
    if is_traced {
        // An argument that only the attribute uses would be a second complaint.
        tokens.extend(quote!(#[allow(unused_variables)]));
    }
    tokens.extend(captured::without_notes(item));
    tokens
}
