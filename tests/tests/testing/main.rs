//! The kit for users' own tests.

mod agent_run;
mod determinism;
mod kit;
mod limits;
mod patterns;
