//! What the test suites of the peers' attributes look at, looked at with these attributes.
#![deny(warnings)]

mod errors;
mod facts;
mod lints;
mod names;
mod parents;
mod results;
mod trees;
