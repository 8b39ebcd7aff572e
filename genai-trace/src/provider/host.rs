//! Providers by the host that a request goes to.

use genai_trace_semconv::values::gen_ai_provider_name as name;

use super::server::split_scheme;

/// The provider that a request to `url` goes to, as `gen_ai.provider.name` calls it; none where the host
/// is nobody's that is known, as with a gateway of one's own.
///
/// ```
/// use genai_trace::provider::provider_of;
///
/// assert_eq!(provider_of("https://api.openai.com/v1/responses"), Some("openai"));
/// assert_eq!(provider_of("https://acme.openai.azure.com/openai/v1/responses"), Some("azure.ai.openai"));
/// assert_eq!(provider_of("http://localhost:8080/v1/chat/completions"), None);
/// ```
pub fn provider_of(url: &str) -> Option<&'static str> {
    let host = host(url)?;
    HOSTS
        .iter()
        .find(|(pattern, _)| fits(&host, pattern))
        .map(|(_, name)| *name)
}

/// The host of `url` in lower case, without user, port and path.
fn host(url: &str) -> Option<String> {
    let rest = split_scheme(url).map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    (!host.is_empty()).then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

/// Whether `host` is `pattern`, of which one `*` stands for any text.
fn fits(host: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => host == pattern,
        Some((before, after)) => host
            .strip_prefix(before)
            .is_some_and(|rest| rest.len() > after.len() && rest.ends_with(after)),
    }
}

/// Hosts and their providers; names that the conventions do not list are those that the provider's
/// friends use, in their lower case.
const HOSTS: &[(&str, &str)] = &[
    ("api.openai.com", name::OPENAI),
    ("*.api.openai.com", name::OPENAI),
    ("*.openai.azure.com", name::AZURE_AI_OPENAI),
    ("*.openai.azure.us", name::AZURE_AI_OPENAI),
    ("*.openai.azure.cn", name::AZURE_AI_OPENAI),
    ("*.cognitiveservices.azure.com", name::AZURE_AI_OPENAI),
    ("*.services.ai.azure.com", name::AZURE_AI_INFERENCE),
    ("*.models.ai.azure.com", name::AZURE_AI_INFERENCE),
    ("*.inference.ai.azure.com", name::AZURE_AI_INFERENCE),
    ("models.inference.ai.azure.com", name::AZURE_AI_INFERENCE),
    ("api.anthropic.com", name::ANTHROPIC),
    ("generativelanguage.googleapis.com", name::GCP_GEMINI),
    ("aiplatform.googleapis.com", name::GCP_VERTEX_AI),
    ("*aiplatform.googleapis.com", name::GCP_VERTEX_AI),
    ("bedrock-runtime.*.amazonaws.com", name::AWS_BEDROCK),
    ("bedrock-runtime-fips.*.amazonaws.com", name::AWS_BEDROCK),
    ("bedrock-runtime.*.amazonaws.com.cn", name::AWS_BEDROCK),
    ("bedrock-runtime.*.api.aws", name::AWS_BEDROCK),
    ("bedrock-mantle.*.api.aws", name::AWS_BEDROCK),
    ("bedrock-agent-runtime.*.amazonaws.com", name::AWS_BEDROCK),
    ("*.vpce.amazonaws.com", name::AWS_BEDROCK),
    ("api.groq.com", name::GROQ),
    ("api.mistral.ai", name::MISTRAL_AI),
    ("codestral.mistral.ai", name::MISTRAL_AI),
    ("api.deepseek.com", name::DEEPSEEK),
    ("api.x.ai", name::X_AI),
    ("*.api.x.ai", name::X_AI),
    ("api.cohere.com", name::COHERE),
    ("api.cohere.ai", name::COHERE),
    ("api.perplexity.ai", name::PERPLEXITY),
    ("api.moonshot.ai", name::MOONSHOT_AI),
    ("api.moonshot.cn", name::MOONSHOT_AI),
    ("*.ml.cloud.ibm.com", name::IBM_WATSONX_AI),
    ("api.together.xyz", "together"),
    ("api.together.ai", "together"),
    ("openrouter.ai", "openrouter"),
    ("api.cerebras.ai", "cerebras"),
    ("api.fireworks.ai", "fireworks"),
    ("api.githubcopilot.com", "github_copilot"),
    ("api.*.githubcopilot.com", "github_copilot"),
    ("models.github.ai", "github"),
    ("router.huggingface.co", "huggingface"),
    ("api-inference.huggingface.co", "huggingface"),
    ("*.endpoints.huggingface.cloud", "huggingface"),
    ("api.venice.ai", "venice"),
    ("ollama.com", "ollama"),
    ("api.deepinfra.com", "deepinfra"),
    ("api.novita.ai", "novita"),
    ("api.hyperbolic.xyz", "hyperbolic"),
    ("api.sambanova.ai", "sambanova"),
    ("api.studio.nebius.com", "nebius"),
    ("api.studio.nebius.ai", "nebius"),
    ("api.tokenfactory.nebius.com", "nebius"),
    ("integrate.api.nvidia.com", "nvidia"),
    ("api.ai21.com", "ai21"),
    ("api.replicate.com", "replicate"),
    ("api.voyageai.com", "voyageai"),
    ("api.jina.ai", "jina"),
    ("api.z.ai", "zai"),
    ("open.bigmodel.cn", "zai"),
    ("api.minimax.io", "minimax"),
    ("dashscope.aliyuncs.com", "dashscope"),
    ("dashscope-intl.aliyuncs.com", "dashscope"),
    ("ark.*.volces.com", "volcengine"),
    ("api.stepfun.com", "stepfun"),
    ("ai-gateway.vercel.sh", "vercel"),
];

#[cfg(test)]
mod tests {
    use super::provider_of;

    #[test]
    fn hosts_are_found_whatever_stands_around_them() {
        for (url, provider) in [
            ("https://api.openai.com", "openai"),
            (
                "https://API.OpenAI.com:443/v1/chat/completions?x=1",
                "openai",
            ),
            ("api.anthropic.com/v1/messages", "anthropic"),
            ("https://user:word@api.groq.com/openai/v1", "groq"),
            (
                "https://europe-west4-aiplatform.googleapis.com/v1",
                "gcp.vertex_ai",
            ),
            ("https://aiplatform.googleapis.com/v1", "gcp.vertex_ai"),
            (
                "https://bedrock-runtime.eu-central-1.amazonaws.com/model/x/converse",
                "aws.bedrock",
            ),
            (
                "https://bedrock-mantle.us-east-1.api.aws/v1/responses",
                "aws.bedrock",
            ),
            ("https://ollama.com./api/chat", "ollama"),
        ] {
            assert_eq!(provider_of(url), Some(provider), "{url}");
        }
    }

    #[test]
    fn a_host_that_only_looks_like_one_is_nobodys() {
        for url in [
            "https://api.openai.com.example.net/v1",
            "https://example.net/api.openai.com",
            "https://openai.azure.com.example.net/",
            "https://.openai.azure.com/",
            "http://127.0.0.1:11434/api/chat",
            "localhost:8080/?to=https://api.openai.com",
            "https://example.net\\@api.openai.com",
            "",
            "://",
        ] {
            assert_eq!(provider_of(url), None, "{url}");
        }
    }
}
