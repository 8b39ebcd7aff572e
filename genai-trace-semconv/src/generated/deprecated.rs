// Written by `tests/generated.rs` from `facts.json` and `spellings.json`: change those.

//! Names and values that are not to be used.

use super::{names, values};
use crate::spelling::{Deprecated, DeprecatedMetric, DeprecatedValue, Origin};

/// Names of attributes that earlier versions or others use, by name.
pub const DEPRECATED: &[Deprecated] = &[
    Deprecated { name: "az.namespace", origin: Origin::Conventions, replacement: Some(names::AZURE_RESOURCE_PROVIDER_NAMESPACE), note: "" },
    Deprecated { name: "gen_ai.assistant.message", origin: Origin::Conventions, replacement: Some(names::GEN_AI_INPUT_MESSAGES), note: "" },
    Deprecated { name: "gen_ai.chat", origin: Origin::Elsewhere, replacement: None, note: "tutorials call a span so; what a span stands for is `gen_ai.operation.name`" },
    Deprecated { name: "gen_ai.choice", origin: Origin::Conventions, replacement: Some(names::GEN_AI_OUTPUT_MESSAGES), note: "" },
    Deprecated { name: "gen_ai.completion", origin: Origin::Conventions, replacement: Some(names::GEN_AI_OUTPUT_MESSAGES), note: "" },
    Deprecated { name: "gen_ai.content.completion", origin: Origin::Conventions, replacement: Some(names::GEN_AI_OUTPUT_MESSAGES), note: "" },
    Deprecated { name: "gen_ai.content.prompt", origin: Origin::Conventions, replacement: Some(names::GEN_AI_INPUT_MESSAGES), note: "" },
    Deprecated { name: "gen_ai.max_tokens", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_REQUEST_MAX_TOKENS), note: "" },
    Deprecated { name: "gen_ai.openai.request.response_format", origin: Origin::Conventions, replacement: Some(names::GEN_AI_OUTPUT_TYPE), note: "" },
    Deprecated { name: "gen_ai.openai.request.seed", origin: Origin::Conventions, replacement: Some(names::GEN_AI_REQUEST_SEED), note: "" },
    Deprecated { name: "gen_ai.openai.request.service_tier", origin: Origin::Conventions, replacement: Some(names::OPENAI_REQUEST_SERVICE_TIER), note: "" },
    Deprecated { name: "gen_ai.openai.response.service_tier", origin: Origin::Conventions, replacement: Some(names::OPENAI_RESPONSE_SERVICE_TIER), note: "" },
    Deprecated { name: "gen_ai.openai.response.system_fingerprint", origin: Origin::Conventions, replacement: Some(names::OPENAI_RESPONSE_SYSTEM_FINGERPRINT), note: "" },
    Deprecated { name: "gen_ai.prompt", origin: Origin::Conventions, replacement: Some(names::GEN_AI_INPUT_MESSAGES), note: "" },
    Deprecated { name: "gen_ai.request.messages.count", origin: Origin::Elsewhere, replacement: None, note: "a count goes under a name of your own, such as `app.messages.count`" },
    Deprecated { name: "gen_ai.request.prompt_id", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_PROMPT_NAME), note: "" },
    Deprecated { name: "gen_ai.request.prompt_version", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_PROMPT_VERSION), note: "" },
    Deprecated { name: "gen_ai.session.id", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_CONVERSATION_ID), note: "" },
    Deprecated { name: "gen_ai.system", origin: Origin::Conventions, replacement: Some(names::GEN_AI_PROVIDER_NAME), note: "" },
    Deprecated { name: "gen_ai.system.message", origin: Origin::Conventions, replacement: Some(names::GEN_AI_SYSTEM_INSTRUCTIONS), note: "" },
    Deprecated { name: "gen_ai.temperature", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_REQUEST_TEMPERATURE), note: "" },
    Deprecated { name: "gen_ai.token.type", origin: Origin::Conventions, replacement: None, note: "`gen_ai.usage.input_tokens` and `gen_ai.usage.output_tokens` tell the tokens apart" },
    Deprecated { name: "gen_ai.tool.error.type", origin: Origin::Elsewhere, replacement: Some(names::ERROR_TYPE), note: "" },
    Deprecated { name: "gen_ai.tool.execution", origin: Origin::Elsewhere, replacement: None, note: "tutorials call a span so; what a span stands for is `gen_ai.operation.name`" },
    Deprecated { name: "gen_ai.tool.message", origin: Origin::Conventions, replacement: Some(names::GEN_AI_INPUT_MESSAGES), note: "" },
    Deprecated { name: "gen_ai.usage.cache_creation.input_tokens", origin: Origin::Conventions, replacement: Some(names::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.cache_creation_input_tokens", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.cache_read_input_tokens", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.cached_tokens", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.completion_tokens", origin: Origin::Conventions, replacement: Some(names::GEN_AI_USAGE_OUTPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.cost", origin: Origin::Elsewhere, replacement: None, note: "a cost goes under a name of your own, such as `llm.cost.usd`" },
    Deprecated { name: "gen_ai.usage.input_tokens.cache_read", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.input_tokens.cache_write", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.prompt_tokens", origin: Origin::Conventions, replacement: Some(names::GEN_AI_USAGE_INPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.reasoning_tokens", origin: Origin::Elsewhere, replacement: Some(names::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS), note: "" },
    Deprecated { name: "gen_ai.usage.total_tokens", origin: Origin::Elsewhere, replacement: None, note: "the total is the sum of `gen_ai.usage.input_tokens` and `gen_ai.usage.output_tokens`" },
    Deprecated { name: "gen_ai.user.message", origin: Origin::Conventions, replacement: Some(names::GEN_AI_INPUT_MESSAGES), note: "" },
];

/// Names of metrics that earlier versions use, by name.
pub const DEPRECATED_METRICS: &[DeprecatedMetric] = &[
    DeprecatedMetric { name: "gen_ai.client.operation.time_per_output_chunk", replacements: &["gen_ai.client.inference.time_per_output_chunk"] },
    DeprecatedMetric { name: "gen_ai.client.operation.time_to_first_chunk", replacements: &["gen_ai.client.inference.time_to_first_chunk"] },
    DeprecatedMetric { name: "gen_ai.client.token.usage", replacements: &["gen_ai.client.inference.usage.input_tokens", "gen_ai.client.inference.usage.output_tokens", "gen_ai.client.inference.operation.input_tokens", "gen_ai.client.inference.operation.output_tokens", "gen_ai.client.embeddings.operation.input_tokens"] },
    DeprecatedMetric { name: "gen_ai.workflow.duration", replacements: &["gen_ai.invoke_workflow.duration"] },
];

/// Values that earlier versions or others use, by attribute and value.
pub const DEPRECATED_VALUES: &[DeprecatedValue] = &[
    DeprecatedValue { attribute: names::GEN_AI_OUTPUT_TYPE, value: "audio", replacement: values::gen_ai_output_type::SPEECH },
    DeprecatedValue { attribute: names::GEN_AI_OUTPUT_TYPE, value: "json_object", replacement: values::gen_ai_output_type::JSON },
    DeprecatedValue { attribute: names::GEN_AI_OUTPUT_TYPE, value: "json_schema", replacement: values::gen_ai_output_type::JSON },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "az.ai.inference", replacement: values::gen_ai_provider_name::AZURE_AI_INFERENCE },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "az.ai.openai", replacement: values::gen_ai_provider_name::AZURE_AI_OPENAI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "azure", replacement: values::gen_ai_provider_name::AZURE_AI_OPENAI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "azure_openai", replacement: values::gen_ai_provider_name::AZURE_AI_OPENAI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "bedrock", replacement: values::gen_ai_provider_name::AWS_BEDROCK },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "gemini", replacement: values::gen_ai_provider_name::GCP_GEMINI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "google", replacement: values::gen_ai_provider_name::GCP_GEN_AI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "mistral", replacement: values::gen_ai_provider_name::MISTRAL_AI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "moonshot", replacement: values::gen_ai_provider_name::MOONSHOT_AI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "vertex_ai", replacement: values::gen_ai_provider_name::GCP_VERTEX_AI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "watsonx", replacement: values::gen_ai_provider_name::IBM_WATSONX_AI },
    DeprecatedValue { attribute: names::GEN_AI_PROVIDER_NAME, value: "xai", replacement: values::gen_ai_provider_name::X_AI },
];
