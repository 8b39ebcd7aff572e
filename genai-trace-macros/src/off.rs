//! The feature `off`: every attribute leaves its item as it was written.
//!
//! Notes that are no attributes of their own, `#[capture(..)]` on arguments and `#[genai(..)]` on methods, go.
//! `record!` becomes a closure that nothing calls, since the compiler is to see its variables used.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::captured;

/// What an attribute makes of `item`: what `expand` makes of it, or the item itself where the feature
/// `off` is on.
pub(crate) fn unless_off(
    item: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    match cfg!(feature = "off") {
        true => captured::without_notes(item),
        false => expand(item),
    }
}

/// The same for an `impl` block.
pub(crate) fn block_unless_off(
    block: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    match cfg!(feature = "off") {
        true => block.into_iter().map(without_notes).collect(),
        false => expand(block),
    }
}

/// A part of an `impl` block: the braces around its members without the notes, all else as it is.
fn without_notes(part: TokenTree) -> TokenTree {
    let body = match part {
        TokenTree::Group(body)
            if matches!(body.delimiter(), Delimiter::Brace | Delimiter::None) =>
        {
            body
        }
        other => return other,
    };
    let mut members = Vec::new();
    for token in body.stream() {
        if is_note(&token)
            && matches!(members.last(), Some(TokenTree::Punct(hash)) if hash.as_char() == '#')
        {
            members.pop();
        } else {
            members.push(token);
        }
    }
    let members = captured::without_notes(members.into_iter().collect());
    let mut without = Group::new(body.delimiter(), members);
    without.set_span(body.span());
    without.into()
}

/// Whether this is what stands behind the `#` of a note.
fn is_note(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
            matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "genai")
        }
        _ => false,
    }
}

#[cfg(all(test, feature = "off"))]
mod tests {
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
            quote!(
                struct Tool;
            ),
            quote!(||),
        ];
        for item in items {
            for options in [
                quote!(),
                quote!("name", call_id = id),
                quote!(nonsense = = 1),
            ] {
                for kind in Kind::ALL {
                    let expand = |item| trace(*kind, options.clone(), item);
                    let left = unless_off(item.clone(), expand);
                    assert_eq!(tokens(left), tokens(item.clone()));
                }
            }
        }
    }

    #[test]
    fn of_a_function_the_notes_on_arguments_go_and_nothing_else() {
        let function = quote!(
            fn run(#[capture(hash)] key: &str, #[cfg(unix)] path: &str) {
                f(
                    #[capture(skip)]
                    1,
                );
            }
        );
        let expected = quote!(
            fn run(key: &str, #[cfg(unix)] path: &str) {
                f(
                    #[capture(skip)]
                    1,
                );
            }
        );
        let left = unless_off(function, |_| TokenStream::new());
        assert_eq!(tokens(left), tokens(expected));
    }

    #[test]
    fn of_a_block_the_notes_go_and_nothing_else() {
        let block = quote! {
            impl Files {
                #[genai("ls", call_id = id)] #[inline] fn list(&self, id: &str) { [genai(1)]; half . }
                #[genai(skip)] fn count(&self, #[capture(last4)] key: &str) {}
            }
        };
        let expected = quote! {
            impl Files {
                #[inline] fn list(&self, id: &str) { [genai(1)]; half . }
                fn count(&self, key: &str) {}
            }
        };
        let left = block_unless_off(block, |_| TokenStream::new());
        assert_eq!(tokens(left), tokens(expected));
    }
}
