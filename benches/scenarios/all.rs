//! All scenarios.

mod async_work;
mod cold_caches;
mod contended;
mod content;
mod disabled;
mod new_threads;
mod polls;
mod process_start;
mod sampled_out;
mod streams;
mod tail;
mod tasks;
mod threads;

pub use process_start::build;

use crate::scenario::Scenario;

/// All scenarios, in the order of the tables.
pub const ALL: &[&Scenario] = &[
    &async_work::SCENARIO,
    &tasks::SCENARIO,
    &polls::SCENARIO,
    &streams::SCENARIO,
    &contended::SCENARIO,
    &threads::SCENARIO,
    &content::SCENARIO,
    &process_start::SCENARIO,
    &new_threads::SCENARIO,
    &disabled::SCENARIO,
    &sampled_out::SCENARIO,
    &tail::SCENARIO,
    &cold_caches::SCENARIO,
];
