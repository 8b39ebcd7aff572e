//! `#[derive(GenAiError)]` on every shape of type, among names that shadow the prelude.
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

mod shadows {
    pub struct Ok;
    pub struct Some;
    pub struct None;
    pub struct Option;
    pub struct Result;
    pub struct String;
    pub struct Cow;
    pub struct Box;
    pub trait Deref {}
    pub mod core {}
    pub mod std {}
    pub mod genai_trace {}
    pub struct str;
}

mod errors {
    #[expect(unused_imports)]
    use super::shadows::*;

    #[derive(::genai_trace::GenAiError)]
    pub enum Shadowing<'a, const N: usize, T: ?Sized, E = ::std::io::Error>
    where
        E: ::std::marker::Sync,
    {
        Ok,
        Some(&'a T, [u8; N]),
        #[genai(transparent)]
        r#Self_(E),
        #[genai(transparent)]
        r#type {
            r#fn: ::std::sync::Arc<E>,
        },
        #[genai(error_type = "said")]
        Cow {
            __genai_inside: u8,
        },
        #[genai(transparent)]
        Err {
            __genai_inside: ::std::boxed::Box<dyn ::std::error::Error + 'static>,
        },
        #[deprecated]
        Old,
        #[deprecated]
        #[genai(transparent)]
        Older(::std::io::Error),
        Never(::std::convert::Infallible),
        #[genai(transparent)]
        NeverEither(::std::convert::Infallible),
        #[genai(error_type = "discriminated",)]
        Last,
    }

    #[derive(::genai_trace::GenAiError)]
    pub enum Empty {}

    #[derive(::genai_trace::GenAiError)]
    #[repr(u8)]
    #[non_exhaustive]
    pub enum Numbered {
        One = 1,
        Two = 2,
    }

    #[derive(::genai_trace::GenAiError)]
    pub struct Unit;

    #[derive(::genai_trace::GenAiError)]
    pub struct r#struct;

    #[derive(::genai_trace::GenAiError)]
    #[genai(crate = ::genai_trace, transparent)]
    pub struct Named<'a> {
        pub r#fn: &'a (dyn ::std::error::Error + 'static),
    }

    #[derive(::genai_trace::GenAiError)]
    #[genai(transparent)]
    pub struct Unsized<T: ?Sized>(pub T);

    #[derive(::genai_trace::GenAiError)]
    #[genai(transparent)]
    pub struct Tuple(pub (u8, u8));
}

macro_rules! of_a_macro {
    ($name:ident, $variant:ident, $kind:literal) => {
        #[derive(genai_trace::GenAiError)]
        enum $name {
            $variant,
            #[genai(error_type = $kind)]
            Other,
        }
    };
}

of_a_macro!(Generated, First, "other");

mod renamed {
    pub use genai_trace as telemetry;

    #[derive(telemetry::GenAiError)]
    #[genai(crate = telemetry)]
    pub enum E {
        A,
        #[genai(transparent)]
        B(std::io::Error),
    }
}

fn main() {
    use errors::{Named, Numbered, Shadowing, Tuple, Unsized, r#struct};
    use genai_trace::GenAiError;

    type Error<'a> = Shadowing<'a, 2, [u8], std::num::ParseIntError>;
    let number = || "x".parse::<i32>().unwrap_err();
    let io = || std::io::Error::from(std::io::ErrorKind::NotFound);
    assert_eq!(Error::Ok.error_type(), "Ok");
    assert_eq!(Error::Some(&[], [0; 2]).error_type(), "Some");
    assert_eq!(Error::Self_(number()).error_type(), "ParseIntError");
    let r#type = Error::r#type { r#fn: number().into() };
    assert_eq!(r#type.error_type(), "ParseIntError");
    assert_eq!(Error::Cow { __genai_inside: 1 }.error_type(), "said");
    let err = Error::Err { __genai_inside: io().into() };
    assert_eq!(err.error_type(), "NotFound");
    assert_eq!(Error::Last.error_type(), "discriminated");
    assert_eq!(Numbered::Two.error_type(), "Two");
    assert_eq!(r#struct.error_type(), "struct");
    assert_eq!(Named { r#fn: &io() }.error_type(), "NotFound");
    let hidden: &Unsized<dyn std::fmt::Debug> = &Unsized(1);
    assert_eq!(hidden.error_type(), "Debug");
    assert_eq!(Tuple((1, 2)).error_type(), "_OTHER");
    assert_eq!(Generated::First.error_type(), "First");
    assert_eq!(Generated::Other.error_type(), "other");
    assert_eq!(renamed::E::A.error_type(), "A");
    assert_eq!(renamed::E::B(io()).error_type(), "NotFound");
}
