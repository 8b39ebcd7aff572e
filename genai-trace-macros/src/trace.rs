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
    use proc_macro2::{Group, TokenTree};
    use std::io::Write;
    use std::process::{Command, Stdio};

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
    fn a_body_that_is_being_typed_is_kept_at_every_keystroke() {
        let body = quote! {
            let text = std::fs::read_to_string(&path).map_err(|error| Failure::of(error))?;
            for (index, line) in text.lines().enumerate() {
                if let Some(rest) = line.strip_prefix("data: ") && !rest.is_empty() {
                    record!("app.line" = index);
                    return Ok(rest.to_owned());
                }
            }
            match self.kind { Kind::A { b, .. } => Err(b), _ => loop { break 'outer; } }
        };
        let heads = [
            quote!(fn read(&self, path: &str) -> Result<String, Failure>),
            quote!(pub async fn read(&self, path: &str) -> Result<String, Failure>),
            quote!(fn read() -> impl Future<Output = u8> + Send),
            quote!(#[track_caller] fn read() -> u8),
        ];
        for typed in prefixes(body) {
            for head in &heads {
                for kind in Kind::ALL {
                    let args = match kind {
                        Kind::Memory => quote!("search_memory"),
                        Kind::Mcp => quote!(client, method = "tools/call"),
                        _ => quote!(),
                    };
                    let expanded = trace(*kind, args, quote!(#head { #typed })).to_string();
                    assert!(expanded.starts_with(&head.to_string()), "{expanded}");
                    // A body that stays where it is has its `?` written out: see `tracked`.
                    if !expanded.contains("track_caller") {
                        assert!(expanded.contains(&typed.to_string()), "{expanded}");
                    }
                    assert!(!expanded.contains("compile_error"), "{expanded}");
                }
            }
        }
    }

    /// What stands in the editor while `tokens` are typed one after the other; braces are closed as
    /// soon as they are opened.
    fn prefixes(tokens: TokenStream) -> Vec<TokenStream> {
        let (mut typed, mut prefixes) = (TokenStream::new(), vec![TokenStream::new()]);
        for token in tokens {
            if let TokenTree::Group(group) = &token {
                for inside in self::prefixes(group.stream()) {
                    let half = Group::new(group.delimiter(), inside);
                    prefixes.push(quote!(#typed #half));
                }
            }
            typed.extend([token]);
            prefixes.push(typed.clone());
        }
        prefixes
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

    /// The lines of what stands in `expanded` beside the function that it was made of, laid out by
    /// `rustfmt` with 100 columns.
    fn lines_beside(function: &TokenStream, expanded: &TokenStream) -> usize {
        formatted(expanded)
            .lines()
            .count()
            .saturating_sub(formatted(function).lines().count())
    }

    fn formatted(tokens: &TokenStream) -> String {
        let mut rustfmt = Command::new("rustfmt")
            .args([
                "--edition",
                "2024",
                "--config",
                "max_width=100,use_small_heuristics=Max",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let source = tokens.to_string();
        rustfmt
            .stdin
            .take()
            .unwrap()
            .write_all(source.as_bytes())
            .unwrap();
        let output = rustfmt.wait_with_output().unwrap();
        assert!(output.status.success(), "{source}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn what_is_written_fits_on_a_few_lines() {
        let functions = [
            quote!(
                fn read_file(id: &str) -> Result<String, Error> {
                    std::fs::read_to_string(id)
                }
            ),
            quote!(
                async fn read_file(id: &str) -> Result<String, Error> {
                    read(id).await
                }
            ),
            quote!(
                fn read_file(id: &str) -> impl Future<Output = Result<String, Error>> {
                    read(id)
                }
            ),
            quote!(
                fn read_file<'a>(
                    id: &'a str,
                ) -> Pin<Box<dyn Future<Output = Result<String, Error>> + Send + 'a>>
                {
                    Box::pin(read(id))
                }
            ),
            quote!(
                fn read_file(id: &str) -> impl Stream<Item = Result<String, Error>> {
                    lines(id)
                }
            ),
        ];
        let attributes = [
            (Kind::Span, quote!(), 0),
            (Kind::Tool, quote!("read_file"), 0),
            // Two values that each call computes take a line each, and two around them.
            (
                Kind::Tool,
                quote!("read_file", call_id = id, fields("file.name" = id)),
                4,
            ),
        ];
        // A stream that may be refused is read in two ways, and each takes its lines.
        let refused = quote!(
            async fn read_file(id: &str) -> Result<BoxStream<'_, String>, Error> {
                lines(id).await
            }
        );
        let functions = functions.iter().map(|function| (function, 15));
        for (function, most) in functions.chain([(&refused, 22)]) {
            for (kind, args, computed) in &attributes {
                let expanded = trace(*kind, args.clone(), function.clone());
                let lines = lines_beside(function, &expanded);
                assert!(lines < most + computed, "{lines}: {}", formatted(&expanded));
            }
        }
    }
}
