//! Literals: values that are known while compiling.

use std::fmt::{self, Display, Formatter};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Lit, LitBool, LitFloat, LitInt, LitStr, Token, UnOp};

use crate::options::Type;

/// A value that is known while compiling, in the user's own tokens.
pub(crate) enum Literal<'a> {
    Str(&'a LitStr),
    Bool(&'a LitBool),
    Int(Option<&'a Token![-]>, &'a LitInt),
    Float(Option<&'a Token![-]>, &'a LitFloat),
}

impl<'a> Literal<'a> {
    /// The literal that `expr` is, if it is one that an attribute can hold.
    pub(crate) fn of(expr: &'a Expr) -> Option<Self> {
        match expr {
            Expr::Lit(lit) => Self::plain(&lit.lit, None),
            Expr::Unary(unary) => match (unary.op, bare(&unary.expr)) {
                (UnOp::Neg(_), Expr::Lit(lit)) => match &unary.op {
                    UnOp::Neg(minus) => Self::plain(&lit.lit, Some(minus)),
                    _ => None,
                },
                _ => None,
            },
            // A macro that passes on an expression wraps it in an invisible group.
            Expr::Group(group) => Self::of(&group.expr),
            Expr::Paren(paren) => Self::of(&paren.expr),
            _ => None,
        }
    }

    fn plain(lit: &'a Lit, minus: Option<&'a Token![-]>) -> Option<Self> {
        match lit {
            Lit::Str(text) if minus.is_none() => Some(Self::Str(text)),
            Lit::Bool(truth) if minus.is_none() => Some(Self::Bool(truth)),
            Lit::Int(number) if is_int(number, minus.is_some()) => Some(Self::Int(minus, number)),
            Lit::Float(number) if ["", "f32", "f64"].contains(&number.suffix()) => {
                Some(Self::Float(minus, number))
            }
            _ => None,
        }
    }

    /// Whether an attribute of the type `expected` can hold the value.
    pub(crate) fn fits(&self, expected: Type) -> bool {
        match self {
            Self::Str(_) => matches!(expected, Type::Text | Type::Any),
            Self::Bool(_) => matches!(expected, Type::Truth | Type::Any),
            Self::Int(..) | Self::Float(..) if expected == Type::Ratio => self.is_ratio(),
            Self::Int(..) => matches!(expected, Type::Integer | Type::Number | Type::Any),
            Self::Float(..) => matches!(expected, Type::Number | Type::Any),
        }
    }

    fn is_ratio(&self) -> bool {
        let (minus, digits) = match self {
            Self::Int(minus, number) => (minus, number.base10_digits()),
            Self::Float(minus, number) => (minus, number.base10_digits()),
            Self::Str(_) | Self::Bool(_) => return false,
        };
        let ratio: Option<f64> = digits.parse().ok();
        ratio.is_some_and(|ratio| match minus {
            None => (0.0..=1.0).contains(&ratio),
            Some(_) => ratio == 0.0,
        })
    }

    /// The value with the type of the attribute: left alone, an integer would be an `i32`.
    pub(crate) fn to_typed(&self, expected: Type) -> TokenStream {
        match self {
            Self::Int(minus, number) if expected == Type::Number => {
                let digits = format!("{}.0", number.base10_digits());
                let typed = LitFloat::new(&digits, Span::mixed_site().located_at(number.span()));
                quote!(#minus #typed)
            }
            Self::Int(minus, number) if number.suffix().is_empty() => {
                let span = Span::mixed_site().located_at(number.span());
                let typed = LitInt::new(&format!("{}i64", number.base10_digits()), span);
                quote_spanned!(span=> #minus #typed)
            }
            other => other.to_token_stream(),
        }
    }

    /// The literal as it would be written for an attribute of the type `expected`.
    pub(crate) fn as_type(&self, expected: Type) -> Option<String> {
        let written = self.to_token_stream().to_string().replace(' ', "");
        match (self, expected) {
            (Self::Int(..) | Self::Float(..), Type::Text) => Some(format!("\"{written}\"")),
            (Self::Str(text), Type::Truth) => Some(text.value()).filter(|word| is_truth(word)),
            (Self::Str(text), Type::Texts) => Some(format!("[{}]", text.token())),
            (Self::Str(text), Type::Integer) => {
                text.value().parse().ok().map(|n: i64| n.to_string())
            }
            (Self::Str(text), Type::Number) => text
                .value()
                .parse()
                .ok()
                .filter(|n: &f64| n.is_finite())
                .map(|n| n.to_string()),
            (Self::Str(text), Type::Ratio) => text
                .value()
                .parse()
                .ok()
                .filter(|n: &f64| (0.0..=1.0).contains(n))
                .map(|n| n.to_string()),
            _ => None,
        }
    }

    /// The `StaticValue` of the runtime; a whole number is a float where `expected` says so.
    pub(crate) fn to_static(&self, expected: Type, private: &TokenStream) -> TokenStream {
        let site = Span::mixed_site();
        let value = quote_spanned!(site=> #private::StaticValue);
        match self {
            Self::Str(text) => quote_spanned!(site=> #value::Str(#text)),
            Self::Bool(truth) => quote_spanned!(site=> #value::Bool(#truth)),
            // The user's suffix goes: it says nothing about what the attribute holds.
            Self::Int(minus, number) if expected == Type::Number => {
                let digits = LitFloat::new(&format!("{}.0", number.base10_digits()), number.span());
                quote_spanned!(site=> #value::Float(#minus #digits))
            }
            Self::Int(minus, number) => {
                let digits = LitInt::new(number.base10_digits(), number.span());
                quote_spanned!(site=> #value::Int(#minus #digits))
            }
            Self::Float(minus, number) => {
                let digits = LitFloat::new(&float_digits(number), number.span());
                quote_spanned!(site=> #value::Float(#minus #digits))
            }
        }
    }
}

impl ToTokens for Literal<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Str(text) => text.to_tokens(tokens),
            Self::Bool(truth) => truth.to_tokens(tokens),
            Self::Int(minus, number) => {
                minus.to_tokens(tokens);
                number.to_tokens(tokens);
            }
            Self::Float(minus, number) => {
                minus.to_tokens(tokens);
                number.to_tokens(tokens);
            }
        }
    }
}

fn is_truth(word: &str) -> bool {
    ["true", "false"].contains(&word)
}

/// Whether the integer is one that an attribute can hold; any other is left to the runtime.
fn is_int(number: &LitInt, negative: bool) -> bool {
    const SUFFIXES: [&str; 13] = [
        "", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
    ];
    let sign = if negative { "-" } else { "" };
    let signed = format!("{sign}{}", number.base10_digits());
    SUFFIXES.contains(&number.suffix()) && signed.parse::<i64>().is_ok()
}

/// The digits without suffix, in a form that stays a float: `1f64` has the digits `1`.
fn float_digits(number: &LitFloat) -> String {
    let digits = number.base10_digits();
    match digits.contains(['.', 'e', 'E']) {
        true => digits.to_owned(),
        false => format!("{digits}.0"),
    }
}

/// The expression without invisible groups around it.
pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => bare(&group.expr),
        other => other,
    }
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameFault {
    Empty,
    Control,
}

impl NameFault {
    pub(crate) fn of(name: &str) -> Option<Self> {
        if name.trim().is_empty() {
            return Some(Self::Empty);
        }
        name.contains(char::is_control).then_some(Self::Control)
    }
}

impl Display for NameFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::Control => "has a control character",
        })
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn written(expr: &Expr, expected: Type) -> Option<String> {
        let private = quote::quote!(p);
        let literal = Literal::of(expr)?;
        Some(
            literal
                .to_static(expected, &private)
                .to_string()
                .replace(' ', ""),
        )
    }

    #[test]
    fn literals_become_static_values_without_suffix() {
        for (expr, expected) in [
            (parse_quote!("x"), "p::StaticValue::Str(\"x\")"),
            (parse_quote!(true), "p::StaticValue::Bool(true)"),
            (parse_quote!(-1_000i32), "p::StaticValue::Int(-1000)"),
            (parse_quote!(0x10), "p::StaticValue::Int(16)"),
            (
                parse_quote!(-9223372036854775808),
                "p::StaticValue::Int(-9223372036854775808)",
            ),
            (parse_quote!(0.1f32), "p::StaticValue::Float(0.1)"),
            (parse_quote!(1f64), "p::StaticValue::Float(1.0)"),
            (parse_quote!(-(1e3)), "p::StaticValue::Float(-1e3)"),
        ] as [(Expr, &str); 8]
        {
            if let Some(got) = written(&expr, Type::Any) {
                assert_eq!(got, expected);
            }
        }
    }

    #[test]
    fn a_whole_number_is_a_float_where_one_is_expected() {
        let one = parse_quote!(1);
        assert_eq!(
            written(&one, Type::Number).as_deref(),
            Some("p::StaticValue::Float(1.0)")
        );
    }

    #[test]
    fn what_no_attribute_holds_is_left_to_the_runtime() {
        for expr in [
            parse_quote!(18446744073709551615),
            parse_quote!(b"bytes"),
            parse_quote!('c'),
            parse_quote!(1 + 1),
            parse_quote!(-"x"),
        ] as [Expr; 5]
        {
            assert!(Literal::of(&expr).is_none());
        }
    }

    #[test]
    fn a_name_needs_letters_to_be_seen() {
        assert_eq!(NameFault::of("read file"), None);
        assert_eq!(NameFault::of(" "), Some(NameFault::Empty));
        assert_eq!(NameFault::of("a\nb"), Some(NameFault::Control));
    }
}
