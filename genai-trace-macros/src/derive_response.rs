//! `#[derive(ChatResponse)]`: what a response of one's own says, by its fields.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Field, Index, Member, Path, Result, Token};

use crate::args::{pair, private};
use crate::mistakes::Mistakes;
use crate::suggest::closest;

/// The attribute of the derive.
const HELPER: &str = "genai";

/// What a field can be, and how the runtime's `Said` puts it.
const FACTS: [(&str, &str); 14] = [
    ("id", "id"),
    ("model", "model"),
    ("finish_reason", "finish_reason"),
    ("finish_reasons", "finish_reasons"),
    ("status", "status"),
    ("service_tier", "service_tier"),
    ("error_type", "error_type"),
    ("text", "text"),
    ("input_tokens", "input_tokens"),
    ("output_tokens", "output_tokens"),
    ("cache_read_tokens", "cache_read_tokens"),
    ("cache_write_tokens", "cache_write_tokens"),
    ("reasoning_tokens", "reasoning_tokens"),
    ("inside", "inside"),
];

/// The implementation of `ChatResponse` for the type `item`, beside every mistake in its attributes.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(mistake) => return mistake.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let runtime = runtime(&input.attrs, &mut mistakes);
    let private = private(runtime.as_ref());
    let mut calls = Vec::new();
    match &input.data {
        Data::Struct(data) => {
            for (place, field) in data.fields.iter().enumerate() {
                calls.extend(call(place, field, &mut mistakes));
            }
            if calls.is_empty() && mistakes.is_empty() {
                mistakes.at(
                    &input.ident,
                    format!(
                        "no field says anything: put `#[genai(..)]` on those that do; {}",
                        all()
                    ),
                );
            }
        }
        Data::Enum(data) => mistakes.at(
            data.enum_token,
            "`ChatResponse` is derived for structs: implement it by hand for an enum",
        ),
        Data::Union(data) => mistakes.at(
            data.union_token,
            "`ChatResponse` is derived for structs: implement it by hand for a union",
        ),
    }
    let mut tokens = implementation(&input, &calls, &private);
    if let Some(mistakes) = mistakes.into_error() {
        tokens.extend(mistakes.to_compile_error());
    }
    tokens
}

/// Reads `#[genai(crate = path)]` on the type.
fn runtime(attributes: &[Attribute], mistakes: &mut Mistakes) -> Option<Path> {
    let mut runtime = None;
    for attribute in helpers(attributes) {
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            Path::parse_mod_style(input)
        });
        runtime = mistakes.keep(read).or(runtime);
    }
    runtime
}

fn helpers(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(HELPER))
}

/// The call that tells what a field says; nothing where it says nothing.
fn call(place: usize, field: &Field, mistakes: &mut Mistakes) -> Vec<TokenStream> {
    let site = Span::mixed_site();
    let member = match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index {
            index: u32::try_from(place).unwrap_or(u32::MAX),
            span: site,
        }),
    };
    let mut calls = Vec::new();
    for attribute in helpers(&field.attrs) {
        let said = attribute.parse_args_with(|input: ParseStream<'_>| said(input));
        for word in mistakes.keep(said).unwrap_or_default() {
            let name = word.unraw().to_string();
            match FACTS.iter().find(|(known, _)| *known == name) {
                Some((_, method)) => {
                    let method = Ident::new(method, site.located_at(word.span()));
                    calls.push(quote_spanned!(site=> __said.#method(&self.#member);));
                }
                None => {
                    let meant = match closest(&name, FACTS.iter().map(|(known, _)| *known)) {
                        Some(meant) => format!("; did you mean `{meant}`?"),
                        None => ";".to_owned(),
                    };
                    mistakes.at(
                        &word,
                        format!("a response says no `{name}`{meant} {}", all()),
                    );
                }
            }
        }
    }
    calls
}

/// Reads `word, ..`.
fn said(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let mut words = Vec::new();
    while !input.is_empty() {
        words.push(Ident::parse_any(input)?);
        pair::comma(input)?;
    }
    Ok(words)
}

/// What a field can be, in words.
fn all() -> String {
    let all: Vec<_> = FACTS.iter().map(|(name, _)| format!("`{name}`")).collect();
    format!("a field is {}", all.join(", "))
}

fn implementation(
    input: &DeriveInput,
    calls: &[TokenStream],
    private: &TokenStream,
) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, conditions) = input.generics.split_for_impl();
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        impl #generics #private::ChatResponse for #name #arguments #conditions {
            fn chat_facts(&self) -> #private::ChatFacts {
                let mut __said = #private::FactsOfFields::default();
                #(#calls)*
                __said.facts()
            }
        }
    }
}
