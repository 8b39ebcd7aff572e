//! Who answered in OpenAI's forms, which many providers speak.
//!
//! The conventions want a provider for every call, and best what is known for sure. So a body is taken for
//! OpenAI's own only where everything in it is: the model has a name that OpenAI gives, the identifier is
//! made as it makes them, and there is nothing that others write beside. Some others are known by what
//! only they write. All else stays unsaid, and so does what Azure answers.

use genai_trace_semconv::values::gen_ai_provider_name as name;
use serde_json::Value as Json;

use crate::provider::json::{list, said};

/// Whether a member of a response is one that OpenAI does not write: it is of Azure and who stands on it, of gateways,
/// or of servers of one's own.
fn is_foreign(key: &str) -> bool {
    matches!(
        key,
        "prompt_filter_results"
            | "content_filters"
            | "copilot_usage"
            | "provider"
            | "citations"
            | "search_results"
            | "usage_breakdown"
            | "time_info"
            | "timings"
            | "prompt_logprobs"
            | "venice_parameters"
            | "sla_metrics"
    )
}

/// The same of a choice's.
fn is_foreign_in_choice(key: &str) -> bool {
    matches!(
        key,
        "content_filter_results"
            | "content_filter_offsets"
            | "native_finish_reason"
            | "stop_reason"
    )
}

/// Who gave `body`, a response or the first part of one; its identifier begins with `prefix` where it is
/// OpenAI's.
pub(super) fn speaker(body: &Json, prefix: &str) -> Option<&'static str> {
    let has = |key: &str| body.get(key).is_some();
    let choices = list(body, "choices");
    let model = said(body, "model")?;
    if has("x_groq") {
        return Some(name::GROQ);
    }
    if said(body, "provider").is_some()
        && choices
            .iter()
            .any(|choice| choice.get("native_finish_reason").is_some())
    {
        return Some("openrouter");
    }
    if model.starts_with("sonar") && (has("search_results") || has("citations")) {
        return Some(name::PERPLEXITY);
    }
    let is_openais = is_openais(model) && said(body, "id").unwrap_or_default().starts_with(prefix);
    let foreign = is_openais
        && (keys(body).any(is_foreign) || choices.iter().flat_map(keys).any(is_foreign_in_choice));
    (is_openais && !foreign).then_some(name::OPENAI)
}

fn keys(body: &Json) -> impl Iterator<Item = &str> {
    let members = body.as_object().into_iter().flatten();
    members.map(|(key, _)| key.as_str())
}

/// Whether `model` is a name that OpenAI gives, tuned ones included. Its open models run anywhere.
fn is_openais(model: &str) -> bool {
    const NAMES: [&str; 8] = [
        "chatgpt-",
        "codex-",
        "computer-use-preview",
        "gpt-audio",
        "text-embedding-3-",
        "text-embedding-ada-",
        "davinci-002",
        "babbage-002",
    ];
    let tuned = model.strip_prefix("ft:");
    let model = tuned.unwrap_or(model);
    let is_numbered = |family: &str| {
        let rest = model.strip_prefix(family);
        rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    // Gateways write who has a model before it, and Ollama a tag behind it.
    if model.contains(['/', '@']) || model.contains(':') && tuned.is_none() {
        return false;
    }
    // Azure writes gpt-35.
    is_numbered("gpt-") && !model.starts_with("gpt-35")
        || is_numbered("o")
        || NAMES.into_iter().any(|name| model.starts_with(name))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::is_openais;
    use crate::provider::{Origin, response};

    fn provider(body: &Json, origin: &Origin<'_>) -> Option<String> {
        let facts = response(body, origin).expect("a response");
        facts.provider.map(Into::into)
    }

    fn chat(more: Json) -> Json {
        let mut body = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        });
        let members = body.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        body
    }

    #[test]
    fn openais_own_is_openais_where_nothing_speaks_against_it() {
        let said = |more| provider(&chat(more), &Origin::default());
        assert_eq!(said(json!({})).as_deref(), Some("openai"));
        for other in [
            json!({"id": "gen-1"}),
            json!({"model": "openai/gpt-4o"}),
            json!({"model": "gpt-oss:20b"}),
            json!({"model": "gpt-35-turbo"}),
            json!({"prompt_filter_results": []}),
            json!({"choices": [{"message": {}, "content_filter_results": {}, "finish_reason": "stop"}]}),
            json!({"timings": {}}),
        ] {
            assert_eq!(said(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn some_are_known_by_what_only_they_write() {
        let said = |more| provider(&chat(more), &Origin::default());
        let groq = said(json!({"model": "llama", "x_groq": {"id": "r"}}));
        assert_eq!(groq.as_deref(), Some("groq"));
        let openrouter = said(json!({
            "model": "openai/gpt-4o", "provider": "Azure",
            "choices": [{"message": {}, "finish_reason": "stop", "native_finish_reason": "stop"}],
        }));
        assert_eq!(openrouter.as_deref(), Some("openrouter"));
        let perplexity = said(json!({"model": "sonar-pro", "citations": []}));
        assert_eq!(perplexity.as_deref(), Some("perplexity"));
    }

    #[test]
    fn where_the_request_went_says_it_best() {
        let origin =
            Origin::default().url("https://acme.openai.azure.com/openai/v1/chat/completions");
        assert_eq!(
            provider(&chat(json!({})), &origin).as_deref(),
            Some("azure.ai.openai")
        );
        // Whoever is said is not said again.
        assert_eq!(provider(&chat(json!({})), &origin.provider("acme")), None);
    }

    #[test]
    fn names_of_openais_models_are_told_from_those_of_others() {
        for model in [
            "gpt-4o",
            "gpt-5.5-2026-04-23",
            "o3-mini",
            "o1",
            "chatgpt-4o-latest",
            "ft:gpt-4o-mini:acme::9x",
            "text-embedding-3-small",
            "davinci-002",
        ] {
            assert!(is_openais(model), "{model}");
        }
        for model in [
            "gpt-oss-20b",
            "gpt-oss:20b",
            "gpt-j-6b",
            "openai/gpt-4o",
            "openai/o3",
            "olmo-2",
            "o",
            "llama3",
            "gpt-4:latest",
            "",
        ] {
            assert!(!is_openais(model), "{model}");
        }
    }
}
