//! The feature `off`: every attribute leaves its item as it was written.
//!
//! `record!` expands as ever, since the compiler is to see its variables used; what it calls does
//! nothing then.

use proc_macro2::TokenStream;

/// What an attribute makes of `item`: what `expand` makes of it, or the very item where the feature
/// `off` is on.
pub(crate) fn unless_off(
    item: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    match cfg!(feature = "off") {
        true => item,
        false => expand(item),
    }
}

#[cfg(all(test, feature = "off"))]
mod tests {
    use proc_macro2::TokenTree;
    use quote::quote;

    use super::*;
    use crate::kind::Kind;
    use crate::trace::trace;

    /// Every token with all that is known of it but its place.
    fn tokens(stream: TokenStream) -> Vec<String> {
        let token = |token| match token {
            TokenTree::Group(group) => {
                format!("{:?} {:?}", group.delimiter(), tokens(group.stream()))
            }
            TokenTree::Punct(punct) => format!("{} {:?}", punct.as_char(), punct.spacing()),
            TokenTree::Ident(ident) => ident.to_string(),
            TokenTree::Literal(literal) => literal.to_string(),
        };
        stream.into_iter().map(token).collect()
    }

    #[test]
    fn an_item_comes_out_token_for_token_and_nobody_looks_at_the_options() {
        let items = [
            quote! {
                /// Docs.
                #[inline]
                pub(crate) async unsafe fn r#match<'a, T: ?Sized>(&'a self, (a, mut b): (u8, T)) -> impl Fn(u8) + 'a
                where
                    T: Copy
                {
                    #![allow(unused)]
                    let x = 0x1f_u8 + b'a' + "text".len() as u8;
                    move |y| x += y
                }
            },
            quote!(fn half_typed() { let x = ; self. }),
            quote!(struct Tool;),
            quote!(||),
        ];
        for item in items {
            for options in [quote!(), quote!("name", call_id = id), quote!(nonsense = = 1)] {
                for kind in Kind::ALL {
                    let expand = |item| trace(*kind, options.clone(), item);
                    let left = unless_off(item.clone(), expand);
                    assert_eq!(tokens(left), tokens(item.clone()));
                }
            }
        }
    }
}
