//! The conventions' version 1.36.

use super::message_events::{self, Answers};
use super::role::Role;
use super::table::On::{Every, Only};
use super::table::Row::{Float, Move, Respell, Work};
use super::table::{Table, Words};
use crate::span::names;
use genai_trace_semconv::names as conventions;

/// The attribute for the provider.
pub(super) const SYSTEM: &str = "gen_ai.system";

/// What a provider was called, beside what it is called now.
pub(super) const SYSTEMS: Words = &[("x_ai", "xai")];

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
                Float(TOP_K),
                Respell(names::PROVIDER, SYSTEMS, SYSTEM),
                Move(
                    conventions::OPENAI_REQUEST_SERVICE_TIER,
                    "gen_ai.openai.request.service_tier",
                ),
                Move(
                    conventions::OPENAI_RESPONSE_SERVICE_TIER,
                    "gen_ai.openai.response.service_tier",
                ),
                Move(
                    conventions::OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
                    "gen_ai.openai.response.system_fingerprint",
                ),
                Work(|span| message_events::take_out(span, Answers::AreChoices)),
            ],
        ),
    ],
};

/// A float then.
const TOP_K: &str = conventions::GEN_AI_REQUEST_TOP_K;
