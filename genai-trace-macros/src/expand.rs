//! The function with a span around its body.
//!
//! What is written here is short on purpose: everything that can live in the runtime does.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};

use crate::args::{Args, Given, Pair, Value};
use crate::captured;
use crate::facts;
use crate::kind::{Kind, Naming};
use crate::options::Role;
use crate::output::{Items, Output, Packing, Shape};
use crate::place::{applied, borrowed, mapped, responded};
use crate::shape::Function;
use crate::tracked::tracked;

/// The function with a span around its body.
pub(crate) fn expand(args: &Args, function: &Function) -> TokenStream {
    let site = Span::mixed_site();
    // A short name for all that follows: long paths would take most of what is written here.
    let (path, private) = (args.private(), quote_spanned!(site=> __genai));
    let output = Output::of(&function.signature, args.expected());
    let (head, inner) = (&function.head, &function.inner);
    let callsite = callsite(args, function, &output, &private);
    let begin = begin(args, function, &private);
    let stays = output.types_a_closure && function.signature.asyncness.is_none();
    if stays && matches!(output.shape, Shape::Value) && !args.reads_the_result() {
        // A variable in between would take from the closure what types its arguments.
        let body = &function.body;
        let inside = quote_spanned! {site=>
            #inner use #path as __genai; #callsite #begin
            let __span = #private::Tracked::new(__span, false);
            return #body;
        };
        let mut body = Group::new(Delimiter::Brace, inside);
        body.set_span(function.body.span());
        return quote_spanned!(site=> #head #body);
    }
    let run = run(function, &output, &private);
    let leaving = Leaving {
        args,
        output: &output,
        private: &private,
    };
    // Two imports, so that a path that leads nowhere is told once.
    let (traits, leave) = match output.is_never {
        true => (None, quote_spanned!(site=> match __ret {})),
        false => (
            Some(quote_spanned!(site=> use #private::probe::*;)),
            leaving.leave(&output.shape),
        ),
    };
    let inside =
        quote_spanned!(site=> #inner use #path as #private; #traits #callsite #begin #run #leave);
    let mut body = Group::new(Delimiter::Brace, inside);
    // The function ends where the user's does, else the compiler takes all of it for generated
    // code and keeps silent about, say, a function that nothing calls.
    body.set_span(function.body.span());
    quote_spanned!(site=> #head #body)
}

/// What every span of this function has in common, as a `static`.
fn callsite(
    args: &Args,
    function: &Function,
    output: &Output,
    private: &TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    let operation = format_ident!("{}", operation(args), span = site);
    let subject = subject(args, function);
    let facts = facts::known(args, private);
    let with = match facts.is_empty() && !facts::says_tool_type(args) {
        true => None,
        false => Some(quote_spanned!(site=> .with(&[#(#facts),*]))),
    };
    let waits = (function.signature.asyncness.is_some() || output.shape.goes_on())
        .then(|| quote_spanned!(site=> .waits()));
    let in_process =
        (args.flag("in_process").is_some()).then(|| quote_spanned!(site=> .in_process()));
    quote_spanned! {site=>
        static __GENAI_CALLSITE: #private::Callsite =
            #private::Callsite::new(#private::Operation::#operation, #subject) #with #waits #in_process;
    }
}

/// The span, opened with what varies from call to call.
fn begin(args: &Args, function: &Function, private: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    let mut options: Vec<_> = args.options.iter().collect();
    options.sort_by_key(|given| facts::turn(given));
    let steps: Vec<_> = options
        .into_iter()
        .flat_map(|given| match (&given.row.role, &given.value) {
            (Role::Contents, Some(Value::Arguments(named))) => {
                vec![captured::shown(function, named, private)]
            }
            _ => facts::opening(given, private),
        })
        .collect();
    if steps.is_empty() {
        return quote_spanned!(site=> let __span = #private::begin_plain(&__GENAI_CALLSITE););
    }
    quote_spanned! {site=>
        let __span = #private::begin(&__GENAI_CALLSITE, |__a| { #(#steps)* });
    }
}

/// The body, run inside the span: what it gives, and the span.
fn run(function: &Function, output: &Output, private: &TokenStream) -> TokenStream {
    let (site, body) = (Span::mixed_site(), &function.body);
    let written = &output.written;
    let taken = taken(function);
    if function.signature.asyncness.is_some() {
        // An `async` block has no place for its type: a return that never happens says it.
        let edge = quote_spanned! {output.span=>
            if let #private::Some(__ret) = #private::None::<#written> {
                return __ret;
            }
        };
        // Braces of the macro's own around the user's tokens, else `unused_braces` complains.
        let mut inside = Group::new(Delimiter::Brace, body.stream());
        inside.set_span(site.located_at(body.span()));
        // Clippy looks for a forgotten `.await` in the block, where it would not in an `async fn`.
        let lint = output
            .shape
            .may_be_future()
            .then(|| quote_spanned!(site=> #[allow(clippy::async_yields_async)]));
        return quote_spanned! {site=>
            #lint let (__ret, __span) =
                #private::Traced::at_once(__span, async move { #edge #taken #inside }).await;
        };
    }
    if function.tracks_caller() {
        let (is_result, body) = (output.is_result, tracked(body, output, private));
        return quote_spanned! {site=>
            let __span = #private::Tracked::new(__span, #is_result);
            let __ret: #written = #body;
            let __span = __span.done();
        };
    }
    let body = match taken {
        None => body.to_token_stream(),
        Some(taken) => {
            let mut inside = Group::new(Delimiter::Brace, body.stream());
            inside.set_span(site.located_at(body.span()));
            let mut outside = Group::new(Delimiter::Brace, quote_spanned!(site=> #taken #inside));
            outside.set_span(site.located_at(body.span()));
            outside.to_token_stream()
        }
    };
    quote_spanned! {site=>
        let (__ret, __span) = #private::run(__span, move || -> #written #body);
    }
}

/// Mentions the arguments that the body is to take with it, and drop when it ends: as the function
/// alone would, the last first.
fn taken(function: &Function) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let mut arguments = function.dropped_with_the_body();
    if arguments.is_empty() {
        return None;
    }
    for argument in &mut arguments {
        argument.set_span(site.resolved_at(argument.span()));
    }
    Some(quote_spanned! {site=>
        #[allow(clippy::used_underscore_binding)]
        let _ = (#(&#arguments,)*);
    })
}

/// Hands out what the body gave, with which the span ends or goes along.
struct Leaving<'a> {
    args: &'a Args,
    output: &'a Output,
    private: &'a TokenStream,
}

impl Leaving<'_> {
    /// The statements with which a function, or a future that it returned, gives `__ret` away.
    fn leave(&self, shape: &Shape) -> TokenStream {
        let site = Span::mixed_site();
        let handed = self.hand_over(shape);
        // Some want every `return` written (`clippy::implicit_return`).
        let leave = quote_spanned!(site=> return #handed;);
        let keeps_type = shape.keeps_type() && !self.output.is_opaque;
        if shape.is_known_to_the_runtime() || !keeps_type {
            return leave;
        }
        quote_spanned! {site=>
            if __span.is_none() { return __ret; }
            #leave
        }
    }

    /// `__ret` with the span inside it, or with the span at its end.
    fn hand_over(&self, shape: &Shape) -> TokenStream {
        let (site, private) = (Span::mixed_site(), self.private);
        match shape {
            Shape::Value => {
                let end = self.end(Told::Everything, None);
                quote_spanned!(site=> #private::leave(__ret, __span, #end))
            }
            Shape::Named => {
                let end = self.end(Told::Everything, None);
                let value = match self.args.flag("stream") {
                    None => quote_spanned!(site=> __ret),
                    Some(key) => {
                        let span = site.located_at(key.span());
                        quote_spanned!(span=> #private::expect_stream(__ret))
                    }
                };
                quote_spanned!(site=> #private::Returned(#value).__leave(__span, #end))
            }
            Shape::Future(..) if shape.is_known_to_the_runtime() => {
                let end = self.end(Told::Everything, None);
                quote_spanned!(site=> #private::Returned(__ret).__leave(__span, #end))
            }
            Shape::Future(packing, output, shape) => {
                let future = match output.is_known() {
                    true => quote_spanned!(site=> #private::future_of),
                    false => quote_spanned!(site=> #private::future),
                };
                let (leave, output) = (self.leave(shape), output.annotation());
                let value = match packing {
                    Packing::Convertible => {
                        quote_spanned!(site=> #private::IntoFuture::into_future(__ret))
                    }
                    _ => quote_spanned!(site=> __ret),
                };
                let future = quote_spanned! {site=>
                    #future(__span, #value, move |__ret #output, __span| { #leave })
                };
                packed(*packing, &future)
            }
            Shape::Stream(packing, item, items) => {
                let stream = match item.is_known() {
                    true => quote_spanned!(site=> #private::stream_of),
                    false => quote_spanned!(site=> #private::stream),
                };
                let item = item.reference();
                let end = self.end(Told::OfItems(*items), item);
                match packing {
                    Packing::Usual => {
                        quote_spanned!(site=> #private::Returned(__ret).__leave(__span, #end))
                    }
                    packing => packed(
                        *packing,
                        &quote_spanned!(site=> #stream(__span, __ret, #end)),
                    ),
                }
            }
            Shape::Fallible(inner) => {
                let (handed, end) = (self.hand_over(inner), self.end(Told::Error, None));
                if inner.is_known_to_the_runtime() || !inner.keeps_type() {
                    return quote_spanned! {site=>
                        #private::fallible(__ret, __span, move |__ret, __span| #handed, #end)
                    };
                }
                // Only here does the box become one of the type that is returned.
                quote_spanned! {site=>
                    match __ret {
                        #private::Ok(__ret) => #private::Ok(#handed),
                        #private::Err(__ret) => #private::Err(#private::refused(__ret, __span, #end)),
                    }
                }
            }
        }
    }

    /// `move |result, span| end`, which reads what the span is to know of a result; `written` is the
    /// type of that, where nothing else says it.
    fn end(&self, told: Told, written: Option<TokenStream>) -> TokenStream {
        let (site, private) = (Span::mixed_site(), self.private);
        let result = quote_spanned!(self.output.span=> __ret);
        let mut readings: Vec<_> = match told {
            Told::Error => Vec::new(),
            Told::Everything | Told::OfItems(_) => self
                .args
                .options
                .iter()
                .flat_map(|given| self.readings(given, &result))
                .collect(),
        };
        if self.args.kind == Kind::Gate {
            readings.push(quote_spanned!(site=> #private::decided(__span, #result);));
        }
        let mut outcome = self.outcome(told, &result);
        if self.args.kind.reads_answers() && told != Told::Error {
            let read = format_ident!(
                "{}",
                match told {
                    Told::OfItems(_) => "__part",
                    _ => "__answer",
                },
                span = site
            );
            outcome = match self.args.function(&Role::Response) {
                Some(path) => {
                    let span = quote_spanned!(site=> __span);
                    responded(path, &result, &span, private, &read, &outcome)
                }
                None => quote_spanned! {site=>
                    (&&&&&&&#private::Probe(#result)).#read(__span, #outcome)
                },
            };
        }
        match readings.is_empty() {
            true => quote_spanned!(site=> move |__ret #written, __span| #outcome),
            false => quote_spanned! {site=>
                move |__ret #written, __span| { #(#readings)* #outcome }
            },
        }
    }

    /// How the span ended: what the type of the result tells, and what an option knows better.
    fn outcome(&self, told: Told, result: &TokenStream) -> TokenStream {
        let (site, private) = (Span::mixed_site(), self.private);
        let mut outcome = quote_spanned!(site=> (&&&&&&&&&&&#private::Probe(#result)).__end());
        let is_result = told != Told::OfItems(Items::Values) || !self.output.shape.is_fallible();
        if let Some(path) = self.args.function(&Role::Err).filter(|_| is_result) {
            outcome = quote_spanned!(site=> #private::end_with(#result, #path, #outcome));
        }
        if self.args.kind != Kind::Tool || told == Told::Error {
            return outcome;
        }
        let is_error = match self.args.function(&Role::ErrorIf) {
            Some(path) => applied(path, result),
            None => quote_spanned!(site=> false),
        };
        quote_spanned! {site=>
            (&&&#private::Probe(#result)).__tool(#is_error, #outcome)
        }
    }

    /// What an option tells from the result, beside the outcome.
    fn readings(&self, given: &Given, result: &TokenStream) -> Vec<TokenStream> {
        let site = Span::mixed_site();
        match (&given.row.role, &given.value) {
            (Role::Result, Some(Value::None)) => {
                let private = self.private;
                vec![quote_spanned!(site=> (&&&&&#private::Probe(#result)).__returned(__span);)]
            }
            (Role::Readings, Some(Value::Pairs(pairs))) => pairs
                .iter()
                .map(|Pair { key, value }| {
                    let key = key.name();
                    let value = borrowed(&mapped(value, result));
                    quote_spanned!(site=> __span.set(#key, #value);)
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// A future or a stream as it is handed over.
fn packed(packing: Packing, value: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
    match packing {
        Packing::Bare | Packing::Convertible => value.clone(),
        Packing::Pinned | Packing::Usual => quote_spanned!(site=> ::std::boxed::Box::pin(#value)),
        Packing::Boxed => quote_spanned!(site=> ::std::boxed::Box::new(#value)),
    }
}

/// What the end of a span reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// All that the options ask of what the function returned.
    Everything,
    /// The same of each item of a stream.
    OfItems(Items),
    /// The error that came instead of a future or a stream.
    Error,
}

/// The variant of the runtime's `Operation`.
fn operation(args: &Args) -> &'static str {
    if let Some(operation) = args.memory_operation() {
        return operation;
    }
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
    match &args.name {
        // It is the operation.
        Some(_) if args.kind == Kind::Memory => return String::new().to_token_stream(),
        Some(name) => return name.to_token_stream(),
        None => {}
    }
    match args.find(&Role::Subject).map(|given| given.literal()) {
        Some(Some(name)) => name.to_token_stream(),
        Some(None) => String::new().to_token_stream(),
        None if args.kind.naming() == Naming::ByFunction => function.name().to_token_stream(),
        None => String::new().to_token_stream(),
    }
}
