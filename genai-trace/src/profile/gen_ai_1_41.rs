//! The conventions' version 1.41, the last that they had beside those of all of OpenTelemetry.

use genai_trace_semconv::names as conventions;

use super::role::Role;
use super::table::On::{Every, Only};
use super::table::Row::{Float, Move};
use super::table::Table;
use crate::span::names;

pub(super) const TABLE: Table = Table {
    names: &[],
    rows: &[
        (
            Only(&[Role::Retrieval]),
            &[Move(conventions::GEN_AI_RETRIEVAL_TOP_K, TOP_K)],
        ),
        (
            Every,
            &[
                Move(
                    names::CACHE_WRITE_TOKENS,
                    "gen_ai.usage.cache_creation.input_tokens",
                ),
                Float(TOP_K),
            ],
        ),
    ],
};

/// A float then, and of a retrieval as well.
const TOP_K: &str = conventions::GEN_AI_REQUEST_TOP_K;
