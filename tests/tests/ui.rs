//! What the attributes accept, and what they say of what they refuse.
//!
//! `TRYBUILD=overwrite cargo test -p genai-trace-tests --test ui` writes the `.stderr` files anew:
//! read each of them. The texts are those of the compiler that `rust-version` names.

#[path = "../ui/strict_lints.rs"]
mod strict_lints;

#[test]
fn what_is_right_compiles_and_runs() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}

#[test]
fn a_mistake_is_told_once_where_it_is() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
