//! `#[genai_tools]`: a tool of every method of an `impl` block.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Meta, Result, Signature, Visibility};

use crate::args::{self, Args};
use crate::captured;
use crate::check::check;
use crate::fallback::fallback;
use crate::kind::Kind;
use crate::mistakes::Mistakes;
use crate::shape::{unwrapped, without_front};

/// Options of a tool that belong to one method alone.
const OF_ONE_METHOD: [&str; 3] = ["name", "call_id", "description"];

/// The `impl` block with `#[genai_tool]` on every method, or as it was with every mistake beside it.
pub(crate) fn tools(tokens: TokenStream, item: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let args = Args::parse(Kind::Tool, tokens.clone(), &mut mistakes);
    check_shared(&args, &mut mistakes);
    let (head, body) = match parts(item.clone()) {
        Ok(parts) => parts,
        Err(mistake) => {
            mistakes.push(mistake);
            let mistakes = mistakes.into_error();
            return mistakes.map_or_else(TokenStream::new, |all| fallback(&all, item, false));
        }
    };
    let mut items: Vec<_> = members(body.stream()).map(Member::of).collect();
    if !items.iter().any(|item| item.is_method) {
        mistakes.at(
            head.clone().into_iter().last(),
            "no method here takes `self`: there is no tool to trace",
        );
    }
    for item in &mut items {
        item.read_notes(&mut mistakes);
    }
    let mistakes = mistakes.into_error();
    let attribute = Attached {
        runtime: args::runtime(args.crate_path()),
        shared: tokens,
    };
    let members = items.iter().map(|item| match &mistakes {
        // The notes go all the same: nobody else knows them.
        Some(_) => captured::without_notes(item.tokens(None)),
        None => item.tokens(Some(&attribute)),
    });
    let mut block = Group::new(Delimiter::Brace, members.collect());
    block.set_span(body.span());
    let block = quote!(#head #block);
    match mistakes {
        Some(mistakes) => fallback(&mistakes, block, true),
        None => block,
    }
}

/// Mistakes in what is said of all tools at once.
fn check_shared(args: &Args, mistakes: &mut Mistakes) {
    check(args, None, mistakes);
    if let Some(name) = &args.name {
        mistakes.at(
            name,
            format!(
                "every tool is named after its method: put `#[genai({})]` on the method",
                name.token()
            ),
        );
    }
    for given in &args.options {
        let name = given.row.name;
        if OF_ONE_METHOD.contains(&name) {
            mistakes.at(
                &given.key,
                format!("`{name}` is one tool's own: put `#[genai({name} = ..)]` on the method"),
            );
        }
    }
}

/// What stands before the braces of an `impl` block, and the braces.
fn parts(item: TokenStream) -> Result<(TokenStream, Group)> {
    let mut tokens = unwrapped(item);
    let front = without_front(&tokens);
    let mut words = front.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    });
    let begins = words.find(|word| *word != "unsafe" && *word != "default");
    match (begins.is_some_and(|word| word == "impl"), tokens.pop()) {
        (true, Some(TokenTree::Group(body))) if body.delimiter() == Delimiter::Brace => {
            Ok((tokens.into_iter().collect(), body))
        }
        _ => Err(syn::Error::new_spanned(
            front.first(),
            "`genai_tools` goes on an `impl` block: put `genai_tool` on a function",
        )),
    }
}

/// The members of an `impl` block, told apart without reading their bodies: those may be half typed.
fn members(body: TokenStream) -> impl Iterator<Item = Vec<TokenTree>> {
    let mut tokens = body.into_iter().peekable();
    std::iter::from_fn(move || {
        tokens.peek()?;
        let mut member = Vec::new();
        let (mut is_function, mut has_value) = (false, false);
        for token in tokens.by_ref() {
            let ends = match &token {
                TokenTree::Punct(punct) => {
                    has_value |= punct.as_char() == '=' && !is_function;
                    punct.as_char() == ';'
                }
                TokenTree::Ident(word) => {
                    is_function |= word == "fn" && !has_value;
                    false
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    is_function || ends_with_bang(&member)
                }
                _ => false,
            };
            member.push(token);
            if ends {
                break;
            }
        }
        Some(member)
    })
}

/// Whether the tokens end as the name of a macro does.
fn ends_with_bang(tokens: &[TokenTree]) -> bool {
    matches!(tokens.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
}

/// A member of an `impl` block.
struct Member {
    /// Its attributes, without the notes for `genai_tools`.
    attrs: Vec<Attribute>,
    notes: Vec<Attribute>,
    rest: TokenStream,
    constness: Option<syn::Token![const]>,
    /// It is a function that takes `self`.
    is_method: bool,
    /// What its tool is told; none where it is to be no tool.
    own: Option<TokenStream>,
}

impl Member {
    fn of(tokens: Vec<TokenTree>) -> Self {
        let tokens: TokenStream = tokens.into_iter().collect();
        let (attrs, rest) = parse_attributes
            .parse2(tokens.clone())
            .unwrap_or((Vec::new(), tokens));
        let (notes, attrs): (Vec<_>, Vec<_>) = attrs
            .into_iter()
            .partition(|attr| attr.path().is_ident("genai"));
        let signature = parse_signature.parse2(rest.clone()).ok();
        let receives = |signature: &Signature| signature.receiver().is_some();
        Member {
            is_method: signature.as_ref().is_some_and(receives),
            constness: signature.and_then(|signature| signature.constness),
            attrs,
            notes,
            rest,
            own: None,
        }
    }

    /// Reads `#[genai(..)]`.
    fn read_notes(&mut self, mistakes: &mut Mistakes) {
        let is_traced = self
            .attrs
            .iter()
            .any(|attr| Kind::of(attr.path()).is_some());
        self.own = (self.is_method && !is_traced).then(TokenStream::new);
        if let Some(second) = self.notes.get(1) {
            mistakes.at(second.path(), "a second `genai`: put all of it in one");
        }
        if let Some(note) = self.notes.first() {
            match &note.meta {
                Meta::List(list) if is_word(&list.tokens, "skip") => self.own = None,
                Meta::List(list) if self.own.is_some() => self.own = Some(list.tokens.clone()),
                Meta::List(_) => mistakes.at(
                    note.path(),
                    "this is no method that `genai_tools` makes a tool of: take `genai` away",
                ),
                _ => mistakes.at(
                    note.path(),
                    "write `#[genai(skip)]`, or `#[genai(..)]` with options of `genai_tool`",
                ),
            }
        }
        if let (Some(constant), true) = (&self.constness, self.own.is_some()) {
            mistakes.at(
                constant,
                "a `const fn` has no span: put `#[genai(skip)]` on it",
            );
        }
    }

    fn tokens(&self, attribute: Option<&Attached>) -> TokenStream {
        let (attrs, rest) = (&self.attrs, &self.rest);
        let attribute = match (attribute, &self.own) {
            (Some(attribute), Some(own)) => Some(attribute.with(own)),
            _ => None,
        };
        quote!(#attribute #(#attrs)* #rest)
    }
}

/// The attribute that each method gets.
struct Attached {
    runtime: TokenStream,
    shared: TokenStream,
}

impl Attached {
    fn with(&self, own: &TokenStream) -> TokenStream {
        let runtime = &self.runtime;
        let own = entries(own);
        let said = |key: &Ident| own.iter().any(|entry| key_of(entry) == Some(key.clone()));
        let shared = entries(&self.shared)
            .into_iter()
            .filter(|entry| !key_of(entry).is_some_and(|key| said(&key)));
        // A name stands in front, so what is a method's own comes first.
        let all = own.iter().cloned().chain(shared);
        quote_spanned!(Span::mixed_site()=> #[#runtime::genai_tool(#(#all),*)])
    }
}

/// What stands between the commas.
fn entries(tokens: &TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let is_comma =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    tokens
        .split(is_comma)
        .filter(|entry| !entry.is_empty())
        .map(|entry| entry.iter().cloned().collect())
        .collect()
}

/// The option that an entry is.
fn key_of(entry: &TokenStream) -> Option<Ident> {
    match entry.clone().into_iter().next() {
        Some(TokenTree::Ident(key)) => Some(key),
        _ => None,
    }
}

fn is_word(tokens: &TokenStream, word: &str) -> bool {
    syn::parse2::<Ident>(tokens.clone()).is_ok_and(|only| only == word)
}

fn parse_attributes(input: ParseStream<'_>) -> Result<(Vec<Attribute>, TokenStream)> {
    Ok((input.call(Attribute::parse_outer)?, input.parse()?))
}

fn parse_signature(input: ParseStream<'_>) -> Result<Signature> {
    input.parse::<Visibility>()?;
    input.parse::<Option<syn::Token![default]>>()?;
    let signature = input.parse()?;
    input.parse::<TokenStream>()?;
    Ok(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(args: TokenStream, item: TokenStream) -> String {
        tools(args, item).to_string()
    }

    #[test]
    fn what_a_method_says_goes_before_what_all_share() {
        let written = expanded(
            quote!(fields(a = 1, b = 2), root,),
            quote!(impl Files { #[genai("ls", fields(a = 3),)] fn list(&self) {} }),
        );
        let expected = quote! {
            impl Files {
                #[::genai_trace::genai_tool("ls", fields(a = 3), root)] fn list(&self) {}
            }
        };
        assert_eq!(written, expected.to_string());
    }

    #[test]
    fn methods_become_tools_and_nothing_else_does() {
        let written = expanded(
            quote!(tool_type = "extension"),
            quote! {
                impl<T: Tool> Registry<T> where T: Send {
                    const LIMIT: usize = { 3 };
                    type Output = u8;
                    table! { a: 1 }
                    pub fn new() -> Self { Registry }
                    #[inline] pub(crate) async fn read(&self, path: [u8; { 2 }]) -> u8 { half . }
                    #[genai("list_files", call_id = id)] fn list(self: Arc<Self>, id: &str) {}
                    #[genai(skip)] fn count(&mut self) {}
                    #[genai_span] fn step(&self) {}
                }
            },
        );
        let expected = quote! {
            impl<T: Tool> Registry<T> where T: Send {
                const LIMIT: usize = { 3 };
                type Output = u8;
                table! { a: 1 }
                pub fn new() -> Self { Registry }
                #[::genai_trace::genai_tool(tool_type = "extension")]
                #[inline] pub(crate) async fn read(&self, path: [u8; { 2 }]) -> u8 { half . }
                #[::genai_trace::genai_tool("list_files", call_id = id, tool_type = "extension")]
                fn list(self: Arc<Self>, id: &str) {}
                fn count(&mut self) {}
                #[genai_span] fn step(&self) {}
            }
        };
        assert_eq!(written, expected.to_string());
    }

    #[test]
    fn a_runtime_by_another_name_is_found() {
        let written = expanded(
            quote!(crate = facade::trace),
            quote!(impl Tool for Files { fn read(&self) {} }),
        );
        let expected = quote! {
            impl Tool for Files {
                #[facade::trace::genai_tool(crate = facade::trace)] fn read(&self) {}
            }
        };
        assert_eq!(written, expected.to_string());
    }
}
