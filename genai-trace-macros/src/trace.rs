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

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn with_a_crate_of_its_own_nothing_is_looked_for_under_the_usual_name() {
        let expanded = trace(
            Kind::Chat,
            quote!(
                crate = other::name,
                model = model,
                response = body,
                ret_fields("n" = len)
            ),
            quote!(
                async fn chat(model: &str) -> Result<Reply, Error> {
                    call(model).await
                }
            ),
        );
        assert!(!expanded.to_string().contains("genai_trace"));
    }

    #[test]
    fn the_signature_and_its_attributes_stay_as_they_are() {
        let head = quote! {
            /// Docs.
            #[inline]
            pub(crate) unsafe extern "C" fn run<'a, T: ?Sized>(&'a self, (a, _): (u8, T)) -> impl Fn(u8) + 'a
            where
                T: Copy
        };
        let expanded = trace(Kind::Span, quote!(), quote!(#head { body() })).to_string();
        assert!(expanded.starts_with(&head.to_string()));
    }

    #[test]
    fn a_body_that_cannot_be_parsed_is_kept() {
        let half_typed = quote!(fn run() { let x = ; self. });
        let expanded = trace(Kind::Span, quote!(), half_typed).to_string();
        assert!(expanded.contains("{ let x = ; self . }"));
    }

    #[test]
    fn a_mistake_leaves_the_item_untouched() {
        let item = quote!(
            struct Tool {
                name: String,
            }
        );
        let expanded = trace(Kind::Tool, quote!(), item.clone()).to_string();
        assert!(expanded.ends_with(&item.to_string()));
        let function = quote!(#[inline] fn run() { half typed });
        let expanded = trace(Kind::Tool, quote!(nmae = "x"), function.clone()).to_string();
        assert!(expanded.ends_with(&function.to_string()));
    }

    #[test]
    fn what_is_generated_fits_on_a_few_lines() {
        let expanded = trace(
            Kind::Tool,
            quote!(
                "read_file",
                call_id = id,
                err = classify,
                fields("a" = 1),
                ret_fields("b" = |r| r.len())
            ),
            quote!(
                fn read_file(id: &str) -> Result<String, Error> {}
            ),
        );
        let statements = expanded.to_string().matches(';').count();
        assert!(statements < 15, "{statements}: {expanded}");
    }
}
