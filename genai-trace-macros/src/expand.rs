//! The function with a span around its body.
//!
//! What is written here is short on purpose: everything that can live in the runtime does.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};

use crate::args::{Args, Given, Pair, Value};
use crate::facts;
use crate::kind::Kind;
use crate::options::Role;
use crate::output::Output;
use crate::place::{applied, borrowed, mapped, responded};
use crate::shape::Function;

/// The function with a span around its body.
pub(crate) fn expand(args: &Args, function: &Function) -> TokenStream {
    let private = args.private();
    let output = Output::of(&function.signature);
    let site = Span::mixed_site();
    let (head, inner) = (&function.head, &function.inner);
    let callsite = callsite(args, function, &private);
    let begin = begin(args, &private);
    let run = run(function, &output, &private);
    let end = end(args, &output, &private);
    let give_back = match output.is_never {
        true => quote_spanned!(site=> match __genai_ret {}),
        // Some want every `return` written (`clippy::implicit_return`).
        false => quote_spanned!(site=> return __genai_ret;),
    };
    let inside = quote_spanned!(site=> #inner #callsite #begin #run #end #give_back);
    let mut body = Group::new(Delimiter::Brace, inside);
    // The function ends where the user's does, else the compiler takes all of it for generated
    // code and keeps silent about, say, a function that nothing calls.
    body.set_span(function.body.span());
    quote_spanned!(site=> #head #body)
}

/// What every span of this function has in common, as a `static`.
fn callsite(args: &Args, function: &Function, private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let operation = format_ident!("{}", operation(args), span = site);
    let subject = subject(args, function);
    let facts = facts::known(args, private);
    let with = match facts.is_empty() {
        true => None,
        false => Some(quote_spanned!(site=> .with(&[#(#facts),*]))),
    };
    quote_spanned! {site=>
        static __GENAI_CALLSITE: #private::Callsite = #private::Callsite::new(
            #private::Operation::#operation,
            #subject,
            ::core::module_path!(),
            ::core::file!(),
            ::core::line!(),
        ) #with;
    }
}

/// The span, opened with what varies from call to call.
fn begin(args: &Args, private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let steps: Vec<_> = args.options.iter().flat_map(facts::opening).collect();
    if steps.is_empty() {
        return quote_spanned!(site=> let __genai_span = #private::begin_plain(&__GENAI_CALLSITE););
    }
    quote_spanned! {site=>
        let __genai_span = #private::begin(&__GENAI_CALLSITE, |__genai_a| { #(#steps)* });
    }
}

/// The body, run inside the span.
fn run(function: &Function, output: &Output, private: &TokenStream) -> TokenStream {
    let (site, body) = (Span::mixed_site(), &function.body);
    let written = &output.written;
    let run = match function.signature.asyncness {
        None => quote_spanned!(site=> #private::run(__genai_span, move || -> #written #body)),
        Some(_) => {
            // An `async` block has no place for its type: a return that never happens says it.
            let edge = quote_spanned! {output.span=>
                if let ::core::option::Option::Some(__genai_ret) = ::core::option::Option::None::<#written> {
                    return __genai_ret;
                }
            };
            // Braces of the macro's own around the user's tokens, else `unused_braces` complains.
            let mut inside = Group::new(Delimiter::Brace, body.stream());
            inside.set_span(site.located_at(body.span()));
            quote_spanned!(site=> #private::Traced::new(__genai_span, async move { #edge #inside }).await)
        }
    };
    quote_spanned!(site=> let (__genai_ret, __genai_span) = #run;)
}

/// The span's end, with what the result tells.
fn end(args: &Args, output: &Output, private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let result = quote_spanned!(output.span=> &__genai_ret);
    let mut told: Vec<_> = args
        .options
        .iter()
        .flat_map(|given| readings(given, &result, private))
        .collect();
    if args.kind == Kind::Gate {
        told.push(quote_spanned!(site=> #private::decided(&mut __genai_span, #result);));
    }
    let mutability = match told.is_empty() {
        true => None,
        false => Some(quote_spanned!(site=> mut)),
    };
    let outcome = outcome(args, &result, private);
    quote_spanned! {site=>
        if let ::core::option::Option::Some(#mutability __genai_span) = __genai_span {
            #(#told)*
            __genai_span.end(#outcome);
        }
    }
}

/// How the span ended: what the type of the result tells, and what an option knows better.
fn outcome(args: &Args, result: &TokenStream, private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    // The import is alone with the probe, so that it meets no name of the user's.
    let mut outcome = quote_spanned! {site=>
        { use #private::probe::*; (&&&&&&#private::Probe(#result)).end() }
    };
    if let Some(path) = args.function(&Role::Err) {
        outcome = quote_spanned!(site=> #private::end_with(#result, #path, #outcome));
    }
    if let Some(path) = args.function(&Role::ErrorIf) {
        let is_error = applied(path, result);
        outcome = quote_spanned!(site=> #private::end_if(#is_error, #outcome));
    }
    outcome
}

/// What an option tells from the result, beside the outcome.
fn readings(given: &Given, result: &TokenStream, private: &TokenStream) -> Vec<TokenStream> {
    let site = Span::mixed_site();
    match (&given.row.role, &given.value) {
        (Role::Response, Some(Value::Function(path))) => {
            let span = quote_spanned!(site=> __genai_span);
            let respond = responded(path, result, &span, private);
            vec![quote_spanned!(site=> { use #private::probe::*; #respond; })]
        }
        (Role::Readings, Some(Value::Pairs(pairs))) => pairs
            .iter()
            .map(|Pair { key, value }| {
                let key = key.name();
                let value = borrowed(&mapped(value, result));
                quote_spanned!(site=> __genai_span.set(#key, #value);)
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The variant of the runtime's `Operation`.
fn operation(args: &Args) -> &'static str {
    args.options
        .iter()
        .find_map(|given| match (&given.row.role, &given.value) {
            (Role::Operation(_), Some(Value::Word(chosen))) => Some(*chosen),
            (Role::Operation(own), Some(Value::None)) => Some(*own),
            _ => None,
        })
        .unwrap_or(args.kind.operation())
}

/// The subject where it is known while compiling, else an empty text.
fn subject(args: &Args, function: &Function) -> TokenStream {
    if let Some(name) = &args.name {
        return name.to_token_stream();
    }
    match args.find(&Role::Subject).map(|given| given.literal()) {
        Some(Some(name)) => name.to_token_stream(),
        Some(None) => String::new().to_token_stream(),
        None if args.kind.is_named() => function.name().to_token_stream(),
        None => String::new().to_token_stream(),
    }
}
