//! From an attribute and its function, over their mistakes, to the expansion.

use proc_macro2::TokenStream;

use crate::args::Args;
use crate::check::check;
use crate::expand::expand;
use crate::fallback::fallback;
use crate::kind::Kind;
use crate::mistakes::Mistakes;
use crate::shape::Function;

/// The function under the attribute `kind`: with a span around its body, or as it was, with every
/// mistake of the attribute beside it.
pub(crate) fn trace(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let function = mistakes.keep(Function::parse(kind, item.clone()));
    let args = Args::parse(kind, args, &mut mistakes);
    check(&args, function.as_ref(), &mut mistakes);
    match (mistakes.into_error(), function) {
        (None, Some(function)) => expand(&args, &function),
        (Some(mistakes), function) => fallback(&mistakes, item, function.is_some()),
        // A function that cannot be read is a mistake; nothing else leads here.
        (None, None) => item,
    }
}
