//! What `#[derive(GenAiError)]` writes.

use quote::quote;

use super::*;

fn derived(item: TokenStream) -> String {
    derive(item).to_string()
}

#[test]
fn a_variant_is_its_own_kind() {
    let written = derived(quote!(
        enum E {
            r#Type,
            B(u8),
            C { x: u8 },
        }
    ));
    for arm in [
        "Self :: r#Type { .. } => :: genai_trace :: __private :: ErrorType :: Borrowed (\"Type\")",
        "Self :: B { .. } => :: genai_trace :: __private :: ErrorType :: Borrowed (\"B\")",
        "Self :: C { .. } => :: genai_trace :: __private :: ErrorType :: Borrowed (\"C\")",
    ] {
        assert!(written.contains(arm), "{written}");
    }
}

#[test]
fn with_a_crate_of_its_own_nothing_is_looked_for_under_the_usual_name() {
    let written = derived(quote! {
        #[genai(crate = other::name)]
        enum E { A, #[genai(transparent)] B(io::Error) }
    });
    assert!(!written.contains("genai_trace"), "{written}");
}

#[test]
fn there_is_an_implementation_beside_the_mistakes() {
    for item in [
        quote!(
            enum E {
                #[genai(kind = "x")]
                A,
            }
        ),
        quote!(
            #[genai(transparent)]
            struct E {
                a: u8,
                b: u8,
            }
        ),
        quote!(union E { a: u8 }),
    ] {
        let written = derived(item);
        assert!(written.contains("compile_error"), "{written}");
        assert!(written.contains("GenAiError for E"), "{written}");
    }
}
