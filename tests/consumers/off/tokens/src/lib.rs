//! What an item looks like to an attribute that stands below others.

use proc_macro::TokenStream;

/// Puts beside an item the constant that the attribute names, with every token of the item.
#[proc_macro_attribute]
pub fn tokens(name: TokenStream, item: TokenStream) -> TokenStream {
    let text = format!("{:?}", told(item.clone()));
    let constant = format!("pub(super) const {name}: &str = {text:?};");
    let mut tokens: TokenStream = constant.parse().unwrap_or_default();
    tokens.extend(item);
    tokens
}

/// Every token, with all that is known of it but its place.
fn told(stream: TokenStream) -> Vec<String> {
    let told = |token| match token {
        proc_macro::TokenTree::Group(group) => {
            format!("{:?} {:?}", group.delimiter(), told(group.stream()))
        }
        proc_macro::TokenTree::Punct(punct) => {
            format!("{} {:?}", punct.as_char(), punct.spacing())
        }
        other => other.to_string(),
    };
    stream.into_iter().map(told).collect()
}
