//! The facts of a model call, as attributes of its span.

use genai_trace_semconv::names as conventions;

use super::attribute_value::AttributeValue;
use super::items::Items;
use super::measure;
use super::names;
use super::opening::Opening;
use super::operation::Operation;
use crate::provider::usage::{ByModality, Usage};
use crate::provider::{ChatFacts, FinishReason, RequestFacts};

/// What facts are written into.
pub(super) trait Sheet {
    /// Sets the attribute `key`, unless there is no value.
    fn put<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V);
}

impl Sheet for Opening {
    fn put<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.set_with(key, |writer| value.write(writer));
    }
}

impl Sheet for Items {
    fn put<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        self.set_with(key, |writer| value.write(writer));
    }
}

/// Writes what a request asks for.
pub(super) fn put_request(sheet: &mut impl Sheet, operation: Operation, facts: &RequestFacts) {
    sheet.put(names::REQUEST_MODEL, &facts.model);
    sheet.put(conventions::GEN_AI_REQUEST_MAX_TOKENS, &facts.max_tokens);
    sheet.put(conventions::GEN_AI_REQUEST_TEMPERATURE, &facts.temperature);
    sheet.put(conventions::GEN_AI_REQUEST_TOP_P, &facts.top_p);
    sheet.put(conventions::GEN_AI_REQUEST_TOP_K, &facts.top_k);
    sheet.put(
        conventions::GEN_AI_REQUEST_FREQUENCY_PENALTY,
        &facts.frequency_penalty,
    );
    sheet.put(
        conventions::GEN_AI_REQUEST_PRESENCE_PENALTY,
        &facts.presence_penalty,
    );
    sheet.put(conventions::GEN_AI_REQUEST_SEED, &facts.seed);
    sheet.put(
        conventions::GEN_AI_REQUEST_CHOICE_COUNT,
        &facts.choice_count,
    );
    sheet.put(conventions::GEN_AI_REQUEST_STREAM, &facts.stream);
    sheet.put(
        conventions::GEN_AI_REQUEST_STOP_SEQUENCES,
        &facts.stop_sequences,
    );
    sheet.put(
        conventions::GEN_AI_REQUEST_REASONING_LEVEL,
        &facts.reasoning_level,
    );
    sheet.put(conventions::GEN_AI_OUTPUT_TYPE, &facts.output_type);
    sheet.put(
        conventions::GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID,
        &facts.previous_response_id,
    );
    sheet.put(
        conventions::OPENAI_REQUEST_SERVICE_TIER,
        &facts.service_tier,
    );
    if operation == Operation::Embeddings {
        sheet.put(
            conventions::GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
            &facts.dimension_count,
        );
        sheet.put(
            conventions::GEN_AI_REQUEST_ENCODING_FORMATS,
            &facts.encoding_formats,
        );
    }
    // The one that the program itself is in replaces it when the span ends.
    if measure::belongs_to_conversations(operation) {
        sheet.put(names::CONVERSATION_ID, &facts.conversation_id);
    }
}

/// Writes what a response says; of the provider only what nobody has said.
pub(super) fn put_response(sheet: &mut Items, operation: Operation, facts: &ChatFacts) {
    if !sheet.says(names::PROVIDER) {
        sheet.put(names::PROVIDER, &facts.provider);
    }
    sheet.put(names::RESPONSE_ID, &facts.id);
    sheet.put(names::RESPONSE_MODEL, &facts.model);
    if !facts.finish_reasons.is_empty() {
        let raw: Vec<&str> = facts
            .finish_reasons
            .iter()
            .map(|reason| reason.raw.as_str())
            .collect();
        sheet.put(names::FINISH_REASONS, &raw);
        let known: Vec<&str> = facts
            .finish_reasons
            .iter()
            .filter_map(FinishReason::normalized)
            .collect();
        if known.len() == raw.len() && known != raw {
            sheet.put(names::NORMALIZED_FINISH_REASONS, &known);
        }
    }
    if operation == Operation::FetchResponse {
        sheet.put(conventions::GEN_AI_RESPONSE_STATUS, &facts.status);
    }
    sheet.put(
        conventions::OPENAI_RESPONSE_SERVICE_TIER,
        &facts.service_tier,
    );
    sheet.put(
        conventions::OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
        &facts.system_fingerprint,
    );
    // What is fetched was generated, and counted, by another call.
    if operation != Operation::FetchResponse {
        put_usage(sheet, &facts.usage);
    }
}

fn put_usage(sheet: &mut impl Sheet, usage: &Usage) {
    sheet.put(names::INPUT_TOKENS, &usage.input);
    sheet.put(names::OUTPUT_TOKENS, &usage.output);
    sheet.put(names::CACHE_READ_TOKENS, &usage.cache_read);
    sheet.put(names::CACHE_WRITE_TOKENS, &usage.cache_write);
    sheet.put(names::CACHE_WRITE_1H_TOKENS, &usage.cache_write_1h);
    sheet.put(names::REASONING_TOKENS, &usage.reasoning);
    let by = |sheet: &mut _, by: &ByModality, keys: [&str; 3]| {
        for (key, tokens) in keys.into_iter().zip([by.text, by.audio, by.image]) {
            Sheet::put(sheet, key, &tokens);
        }
    };
    by(
        sheet,
        &usage.input_by,
        [
            names::TEXT_INPUT_TOKENS,
            names::AUDIO_INPUT_TOKENS,
            names::IMAGE_INPUT_TOKENS,
        ],
    );
    by(
        sheet,
        &usage.output_by,
        [
            names::TEXT_OUTPUT_TOKENS,
            names::AUDIO_OUTPUT_TOKENS,
            names::IMAGE_OUTPUT_TOKENS,
        ],
    );
    by(
        sheet,
        &usage.cache_read_by,
        [
            names::TEXT_CACHE_READ_TOKENS,
            names::AUDIO_CACHE_READ_TOKENS,
            names::IMAGE_CACHE_READ_TOKENS,
        ],
    );
}
