//! What the attributes accept, and what they say of what they refuse.
//!
//! `TRYBUILD=overwrite cargo test -p genai-trace-ui` writes the `.stderr` files anew:
//! read each of them. The texts are those of the compiler that `rust-version` names.

mod strict_lints;

#[test]
fn what_is_right_compiles_and_runs() {
    trybuild::TestCases::new().pass("pass/*.rs");
}

#[test]
fn a_mistake_is_told_once_where_it_is() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}
