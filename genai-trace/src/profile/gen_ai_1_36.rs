//! The conventions' version 1.36.

use super::message_events::{self, Answers};
use super::table::On::Every;
use super::table::Row::{Move, Respell, Work};
use super::table::{Table, Words};
use crate::span::names;
use genai_trace_semconv::names as conventions;

/// The attribute for the provider.
pub(super) const SYSTEM: &str = "gen_ai.system";

/// What a provider was called, beside what it is called now.
pub(super) const SYSTEMS: Words = &[
    ("azure.ai.inference", "az.ai.inference"),
    ("azure.ai.openai", "az.ai.openai"),
    ("gcp.vertex_ai", "vertex_ai"),
    ("gcp.gemini", "gemini"),
    ("x_ai", "xai"),
];

pub(super) const TABLE: Table = Table {
    names: &[],
    rows: &[(
        Every,
        &[
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
    )],
};
