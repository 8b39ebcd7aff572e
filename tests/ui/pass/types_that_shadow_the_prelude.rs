#![deny(warnings)]
#![allow(dead_code, non_snake_case, non_camel_case_types)]

mod hostile {
    pub enum Result {
        Ok,
        Err,
    }

    #[derive(PartialEq, Debug)]
    pub enum Option<T> {
        Some(T),
        None,
    }

    pub struct String;
    pub struct Future;
    pub struct Callsite;
    pub struct Probe;
    pub trait Send {}
    pub trait Fn {}
    pub fn Some() {}
    pub fn None() {}
    pub fn Ok() {}
    pub fn Err() {}
    pub fn run() {}
    pub fn begin() {}
    pub fn drop() {}
    pub mod core {}
    pub mod std {}
    pub mod genai_trace {}
    macro_rules! line {
        () => {
            "not a line"
        };
    }
    macro_rules! module_path {
        () => {
            1
        };
    }

    use ::genai_trace::{genai_gate, genai_span, genai_tool, record};

    #[genai_tool(fields("a" = a), ret_fields("ok" = |result| matches!(result, Result::Ok)))]
    pub fn sync(a: u8) -> Result {
        record!(app.a = a);
        let _ = (line!(), module_path!());
        if a == 0 { Result::Err } else { Result::Ok }
    }

    #[genai_span]
    pub async fn later() -> Option<u8> {
        Option::Some(1)
    }

    #[genai_gate]
    pub fn gate() -> bool {
        true
    }

    // Names that the expansion uses are free in the body.
    #[genai_span]
    pub fn own_names() -> u8 {
        static __GENAI_CALLSITE: u8 = 1;
        let __span = 2;
        let __ret = 3;
        fn end() -> u8 {
            4
        }
        __GENAI_CALLSITE + __span + __ret + end()
    }
}

fn main() {
    assert!(matches!(hostile::sync(0), hostile::Result::Err));
    drop(hostile::later());
    assert!(hostile::gate());
    assert_eq!(hostile::own_names(), 10);
}
