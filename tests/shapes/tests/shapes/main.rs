//! Every shape of function under the attributes: what it returns is what it returned without them,
//! and each call leaves exactly one span, with the right name, parent, outcome and times.
#![deny(warnings)]

mod costs;
mod drops;
mod functions;
mod futures;
mod generics;
mod impl_blocks;
mod macros;
mod methods;
mod names;
mod returned_futures;
mod streams;
mod track_caller;
mod traits;
mod types_of_futures;
