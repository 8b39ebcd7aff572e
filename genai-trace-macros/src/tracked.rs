//! A body that stays where it is, for `#[track_caller]`: its `return` and `?` lead to its own end.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Block, Expr, Item, Macro, Token, parse_quote_spanned};

use crate::output::Output;

/// The value of `body`, also where it leaves by `return` or `?`. A body that cannot be parsed is left
/// as it is: the compiler says what is wrong with it.
pub(crate) fn tracked(body: &Group, output: &Output, private: &TokenStream) -> TokenStream {
    let tokens = body.to_token_stream();
    let Ok(mut block) = syn::parse2::<Block>(tokens.clone()) else {
        return tokens;
    };
    let mut ways_out = WaysOut {
        private,
        found: false,
    };
    ways_out.visit_block_mut(&mut block);
    let written = &output.written;
    // A way out that is never taken: after a body that only panics, the end of the span would be
    // called unreachable.
    let edge = quote_spanned! {output.span=>
        if let ::core::option::Option::Some(__ret) = ::core::option::Option::None::<#written> {
            break '__genai_body __ret;
        }
    };
    let (site, inside) = (Span::mixed_site(), inside(body, &block, ways_out.found));
    quote_spanned!(site=> '__genai_body: { #edge #inside })
}

/// The block as it was written where nothing in it was changed, in braces of the macro's own.
fn inside(body: &Group, block: &Block, changed: bool) -> TokenStream {
    let tokens = match changed {
        true => block.stmts.iter().map(ToTokens::to_token_stream).collect(),
        false => body.stream(),
    };
    let mut inside = Group::new(Delimiter::Brace, tokens);
    inside.set_span(Span::mixed_site().located_at(body.span()));
    inside.to_token_stream()
}

/// Leads every way out of a body to the body's end.
struct WaysOut<'a> {
    private: &'a TokenStream,
    found: bool,
}

impl VisitMut for WaysOut<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expr) {
        // What returns from these returns from them, and not from the function.
        if matches!(node, Expr::Closure(_) | Expr::Async(_) | Expr::TryBlock(_)) {
            return;
        }
        visit_expr_mut(self, node);
        let private = self.private;
        match node {
            Expr::Return(leave) => {
                let span = Span::mixed_site().located_at(leave.return_token.span());
                let value = match &leave.expr {
                    Some(value) => value.to_token_stream(),
                    None => quote_spanned!(span=> ()),
                };
                *node = parse_quote_spanned!(span=> break '__genai_body #value);
                self.found = true;
            }
            Expr::Try(question) => {
                let span = Span::mixed_site().located_at(question.question_token.span());
                let value = &question.expr;
                *node = parse_quote_spanned! {span=>
                    match #private::Question::branch(#value) {
                        ::core::ops::ControlFlow::Continue(__value) => __value,
                        ::core::ops::ControlFlow::Break(__value) => {
                            break '__genai_body #private::Resume::resume(__value)
                        }
                    }
                };
                self.found = true;
            }
            _ => {}
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        // `vec![first?, second?]`, `println!("{}", number?)`: a list of expressions, if it reads so.
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(mut list) = list.parse2(node.tokens.clone()) {
            let before = std::mem::take(&mut self.found);
            list.iter_mut().for_each(|expr| self.visit_expr_mut(expr));
            if self.found {
                node.tokens = list.to_token_stream();
            }
            self.found |= before;
        }
    }
}
