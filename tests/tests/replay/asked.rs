//! What a span says that was asked, beside what the recorded request asks: read by where each provider
//! writes it, and by nothing that the library knows of forms.

use genai_trace::SpanRecord;
use serde_json::{Value, json};

use super::corpus::Exchange;

/// Attributes of generations, and where providers write what they say.
const OF_GENERATIONS: [(&str, &[&str]); 11] = [
    (
        "gen_ai.request.max_tokens",
        &[
            "/max_completion_tokens",
            "/max_tokens",
            "/max_output_tokens",
            "/max_gen_len",
            "/max_tokens_to_sample",
            "/generationConfig/maxOutputTokens",
            "/inferenceConfig/maxTokens",
            "/inferenceConfig/max_new_tokens",
            "/textGenerationConfig/maxTokenCount",
            "/options/num_predict",
        ],
    ),
    (
        "gen_ai.request.temperature",
        &[
            "/temperature",
            "/generationConfig/temperature",
            "/inferenceConfig/temperature",
            "/textGenerationConfig/temperature",
            "/options/temperature",
        ],
    ),
    (
        "gen_ai.request.top_p",
        &[
            "/top_p",
            "/p",
            "/generationConfig/topP",
            "/inferenceConfig/topP",
            "/textGenerationConfig/topP",
        ],
    ),
    (
        "gen_ai.request.top_k",
        &["/top_k", "/k", "/generationConfig/topK"],
    ),
    (
        "gen_ai.request.frequency_penalty",
        &["/frequency_penalty", "/generationConfig/frequencyPenalty"],
    ),
    (
        "gen_ai.request.presence_penalty",
        &["/presence_penalty", "/generationConfig/presencePenalty"],
    ),
    (
        "gen_ai.request.seed",
        &["/seed", "/random_seed", "/generationConfig/seed"],
    ),
    (
        "gen_ai.request.choice.count",
        &["/n", "/generationConfig/candidateCount"],
    ),
    (
        "gen_ai.request.reasoning.level",
        &[
            "/reasoning_effort",
            "/reasoning/effort",
            "/output_config/effort",
        ],
    ),
    (
        "openai.request.service_tier",
        &["/service_tier", "/serviceTier"],
    ),
    (
        "gen_ai.request.previous_response.id",
        &["/previous_response_id"],
    ),
];

/// The same of embeddings.
const OF_EMBEDDINGS: [(&str, &[&str]); 1] = [(
    "gen_ai.embeddings.dimension.count",
    &[
        "/dimensions",
        "/output_dimension",
        "/requests/0/outputDimensionality",
    ],
)];

/// The same of lists, for which one text may stand.
const LISTS: [(&str, &[&str]); 2] = [
    (
        "gen_ai.request.stop_sequences",
        &[
            "/stop",
            "/stop_sequences",
            "/generationConfig/stopSequences",
            "/inferenceConfig/stopSequences",
        ],
    ),
    (
        "gen_ai.request.encoding_formats",
        &["/encoding_format", "/embedding_types"],
    ),
];

/// What `span` says wrongly of what `exchange` asks; `generates` where it is no embedding.
pub fn differences(span: &SpanRecord, exchange: &Exchange, generates: bool) -> Vec<String> {
    let at = |places: &[&str]| {
        let found = places
            .iter()
            .find_map(|place| exchange.request.pointer(place));
        found.filter(|value| !value.is_null()).cloned()
    };
    let mut expected: Vec<(&str, Option<Value>)> = Vec::new();
    let table = match generates {
        true => OF_GENERATIONS.as_slice(),
        false => OF_EMBEDDINGS.as_slice(),
    };
    for (attribute, places) in table {
        // One choice is what everybody gets.
        let is_default = |value: &Value| *attribute == "gen_ai.request.choice.count" && value == 1;
        expected.push((attribute, at(places).filter(|value| !is_default(value))));
    }
    for (attribute, places) in LISTS {
        let list = at(places).map(|value| match value {
            Value::String(one) => json!([one]),
            list => list,
        });
        expected.push((attribute, list));
    }
    expected.push((
        "gen_ai.request.stream",
        // Where the path alone asks for a stream, nothing has told the span.
        at(&["/stream"]).filter(|stream| stream == true),
    ));
    expected.push(("gen_ai.request.model", exchange.model().map(Value::from)));
    let differences = expected.into_iter().filter_map(|(attribute, expected)| {
        let said = span.attributes.get(attribute).map(|value| json!(value));
        let is_equal = match (&said, &expected) {
            (Some(said), Some(expected)) => {
                said == expected || said.as_f64() == expected.as_f64() && said.is_number()
            }
            (said, expected) => said.is_none() && expected.is_none(),
        };
        (!is_equal).then(|| format!("{attribute} is {said:?}, not {expected:?}"))
    });
    differences.collect()
}
