//! The set `gen_ai_1_41`: names of older GenAI conventions that dashboards still read.

use super::{INFERENCE, MODEL_CALLS, default};
use crate::metrics::bounds;
use crate::metrics::view::{Distribution, Part, Scale, Shows, View};

pub(super) const VIEWS: &[View] = &[
    default::operation_duration(default::OTHER_CLIENTS),
    default::operation_duration(&[Part::new(
        Distribution::Duration,
        MODEL_CALLS,
        default::CALL_WITH_ERROR,
    )]),
    View {
        name: "gen_ai_client_operation_time_to_first_chunk_seconds",
        help: "Time from the request to the first chunk of a streamed response.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CALL),
            &[Part::new(
                Distribution::FirstChunk,
                INFERENCE,
                default::CALL,
            )],
        ),
    },
    View {
        name: "gen_ai_client_operation_time_per_output_chunk_seconds",
        help: "Time from one chunk of a streamed response to the next.",
        shows: Shows::Histogram(
            Scale::seconds(bounds::CALL),
            &[Part::new(Distribution::ChunkGap, INFERENCE, default::CALL)],
        ),
    },
    View {
        name: "gen_ai_client_token_usage",
        help: "Tokens of one operation, input and output apart.",
        shows: default::tokens(&[
            Part::new(Distribution::InputTokens, MODEL_CALLS, default::CALL)
                .fixed("gen_ai_token_type", "input"),
            Part::new(Distribution::OutputTokens, MODEL_CALLS, default::CALL)
                .fixed("gen_ai_token_type", "output"),
        ]),
    },
];
