//! `#[derive(GenAiError)]`: the kind of an error, by its variant.

mod said;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr};

use self::said::{HELPER, Place, Said};
use crate::args::private;
use crate::mistakes::Mistakes;

/// The implementation of `GenAiError` for the type `item`, beside every mistake in its attributes.
///
/// There is one even where there are mistakes: that it were missing would be a second complaint.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(mistake) => return mistake.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let place = match &input.data {
        Data::Enum(_) => Place::Enum,
        Data::Struct(_) | Data::Union(_) => Place::Struct,
    };
    let on_type = Said::read(&input.attrs, place, &mut mistakes);
    let private = private(on_type.runtime.as_ref());
    let kind = match &input.data {
        Data::Enum(data) => {
            let arms: Vec<_> = data
                .variants
                .iter()
                .map(|variant| {
                    let mut said = Said::read(&variant.attrs, Place::Variant, &mut mistakes);
                    if said.transparent.is_none() && said.error_type.is_none() {
                        said.error_type.clone_from(&on_type.error_type);
                    }
                    let inside = inside(&said, &variant.fields, "this variant", &mut mistakes);
                    arm(&variant.ident, &said, inside, &private)
                })
                .collect();
            of_enum(&arms)
        }
        Data::Struct(data) => {
            let inside = inside(&on_type, &data.fields, "this struct", &mut mistakes);
            of_struct(&input.ident, &on_type, inside, &private)
        }
        Data::Union(data) => {
            mistakes.at(
                data.union_token,
                "a union does not know which of its fields it holds: `GenAiError` is derived for \
                 enums and structs",
            );
            text(&input.ident, &on_type, &private)
        }
    };
    let mut tokens = implementation(&input, &kind, &private);
    if let Some(mistakes) = mistakes.into_error() {
        tokens.extend(mistakes.to_compile_error());
    }
    tokens
}

/// The one field of what is transparent.
struct Inside<'a> {
    /// Nothing where it has no name.
    name: Option<&'a Ident>,
}

/// Finds the field that `transparent` looks at, and mistakes about fields.
fn inside<'a>(
    said: &Said,
    fields: &'a Fields,
    what: &str,
    mistakes: &mut Mistakes,
) -> Option<Inside<'a>> {
    for attribute in fields.iter().flat_map(|field| &field.attrs) {
        if is_helper(attribute) {
            mistakes.at(
                attribute.path(),
                "`genai` stands on the type or on a variant, not on a field",
            );
        }
    }
    let transparent = said.transparent.as_ref()?;
    let mut all = fields.iter();
    match (all.next(), all.len()) {
        (Some(field), 0) => Some(Inside {
            name: field.ident.as_ref(),
        }),
        (first, more) => {
            let count = match usize::from(first.is_some()) + more {
                0 => "none".to_owned(),
                count => count.to_string(),
            };
            mistakes.at(
                transparent,
                format!(
                    "`transparent` takes the kind of the one field inside: {what} has {count}; \
                     write `error_type = \"..\"`, or leave it out"
                ),
            );
            None
        }
    }
}

/// Whether the attribute is the derive's own.
fn is_helper(attribute: &Attribute) -> bool {
    attribute.path().is_ident(HELPER)
}

/// `Self::Variant { .. } => kind,`
fn arm(
    variant: &Ident,
    said: &Said,
    inside: Option<Inside<'_>>,
    private: &TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    let Some(Inside { name }) = inside else {
        let kind = text(variant, said, private);
        return quote_spanned!(site=> Self::#variant { .. } => #kind,);
    };
    let pattern = match name {
        Some(name) => quote_spanned!(site=> { #name: ref __genai_inside }),
        None => quote_spanned!(site=> (ref __genai_inside)),
    };
    let kind = kind_of(&quote_spanned!(site=> __genai_inside), private);
    quote_spanned!(site=> Self::#variant #pattern => #kind,)
}

fn of_enum(arms: &[TokenStream]) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> match *self { #(#arms)* })
}

fn of_struct(
    name: &Ident,
    said: &Said,
    inside: Option<Inside<'_>>,
    private: &TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    match inside {
        None => text(name, said, private),
        Some(Inside { name: Some(field) }) => {
            kind_of(&quote_spanned!(site=> &self.#field), private)
        }
        Some(Inside { name: None }) => kind_of(&quote_spanned!(site=> &self.0), private),
    }
}

/// The kind that is known while compiling.
fn text(name: &Ident, said: &Said, private: &TokenStream) -> TokenStream {
    let text = match &said.error_type {
        Some(text) => text.clone(),
        None => LitStr::new(&name.unraw().to_string(), Span::mixed_site()),
    };
    quote_spanned!(Span::mixed_site()=> #private::ErrorType::Borrowed(#text))
}

/// The kind of the error inside, of which nothing is known here.
fn kind_of(inside: &TokenStream, private: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        { use #private::probe::*; (&&&&&#private::Probe(#inside)).__kind() }
    }
}

fn implementation(input: &DeriveInput, kind: &TokenStream, private: &TokenStream) -> TokenStream {
    let name = input.ident.to_token_stream();
    let (generics, arguments, conditions) = input.generics.split_for_impl();
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #private::GenAiError for #name #arguments #conditions {
            #[inline]
            fn error_type(&self) -> #private::ErrorType {
                #kind
            }
        }
    }
}

#[cfg(test)]
mod tests;
