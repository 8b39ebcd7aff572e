// Written by `tests/generated.rs` from `facts.json` and `spellings.json`: change those.

//! The listed values of attributes.

/// Values of `gen_ai.operation.name`.
pub mod gen_ai_operation_name {
    /// `chat`
    pub const CHAT: &str = "chat";
    /// `generate_content`
    pub const GENERATE_CONTENT: &str = "generate_content";
    /// `text_completion`
    pub const TEXT_COMPLETION: &str = "text_completion";
    /// `embeddings`
    pub const EMBEDDINGS: &str = "embeddings";
    /// `retrieval`
    pub const RETRIEVAL: &str = "retrieval";
    /// `fetch_response`
    pub const FETCH_RESPONSE: &str = "fetch_response";
    /// `create_agent`
    pub const CREATE_AGENT: &str = "create_agent";
    /// `invoke_agent`
    pub const INVOKE_AGENT: &str = "invoke_agent";
    /// `execute_tool`
    pub const EXECUTE_TOOL: &str = "execute_tool";
    /// `invoke_workflow`
    pub const INVOKE_WORKFLOW: &str = "invoke_workflow";
    /// `plan`
    pub const PLAN: &str = "plan";
    /// `search_memory`
    pub const SEARCH_MEMORY: &str = "search_memory";
    /// `create_memory`
    pub const CREATE_MEMORY: &str = "create_memory";
    /// `update_memory`
    pub const UPDATE_MEMORY: &str = "update_memory";
    /// `upsert_memory`
    pub const UPSERT_MEMORY: &str = "upsert_memory";
    /// `delete_memory`
    pub const DELETE_MEMORY: &str = "delete_memory";
    /// `create_memory_store`
    pub const CREATE_MEMORY_STORE: &str = "create_memory_store";
    /// `delete_memory_store`
    pub const DELETE_MEMORY_STORE: &str = "delete_memory_store";
}

/// Values of `gen_ai.output.type`.
pub mod gen_ai_output_type {
    /// `text`
    pub const TEXT: &str = "text";
    /// `json`
    pub const JSON: &str = "json";
    /// `image`
    pub const IMAGE: &str = "image";
    /// `speech`
    pub const SPEECH: &str = "speech";
}

/// Values of `gen_ai.provider.name`.
pub mod gen_ai_provider_name {
    /// `openai`
    pub const OPENAI: &str = "openai";
    /// `gcp.gen_ai`
    pub const GCP_GEN_AI: &str = "gcp.gen_ai";
    /// `gcp.vertex_ai`
    pub const GCP_VERTEX_AI: &str = "gcp.vertex_ai";
    /// `gcp.gemini`
    pub const GCP_GEMINI: &str = "gcp.gemini";
    /// `anthropic`
    pub const ANTHROPIC: &str = "anthropic";
    /// `cohere`
    pub const COHERE: &str = "cohere";
    /// `azure.ai.inference`
    pub const AZURE_AI_INFERENCE: &str = "azure.ai.inference";
    /// `azure.ai.openai`
    pub const AZURE_AI_OPENAI: &str = "azure.ai.openai";
    /// `ibm.watsonx.ai`
    pub const IBM_WATSONX_AI: &str = "ibm.watsonx.ai";
    /// `aws.bedrock`
    pub const AWS_BEDROCK: &str = "aws.bedrock";
    /// `perplexity`
    pub const PERPLEXITY: &str = "perplexity";
    /// `x_ai`
    pub const X_AI: &str = "x_ai";
    /// `deepseek`
    pub const DEEPSEEK: &str = "deepseek";
    /// `groq`
    pub const GROQ: &str = "groq";
    /// `mistral_ai`
    pub const MISTRAL_AI: &str = "mistral_ai";
    /// `moonshot_ai`
    pub const MOONSHOT_AI: &str = "moonshot_ai";
}

/// Values of `gen_ai.response.status`.
pub mod gen_ai_response_status {
    /// `queued`
    pub const QUEUED: &str = "queued";
    /// `in_progress`
    pub const IN_PROGRESS: &str = "in_progress";
    /// `completed`
    pub const COMPLETED: &str = "completed";
    /// `incomplete`
    pub const INCOMPLETE: &str = "incomplete";
    /// `failed`
    pub const FAILED: &str = "failed";
    /// `cancelled`
    pub const CANCELLED: &str = "cancelled";
}

/// Values of `gen_ai.token.modality`.
pub mod gen_ai_token_modality {
    /// `text`
    pub const TEXT: &str = "text";
    /// `image`
    pub const IMAGE: &str = "image";
    /// `audio`
    pub const AUDIO: &str = "audio";
    /// `unknown`
    pub const UNKNOWN: &str = "unknown";
}

/// Values of `mcp.method.name`.
pub mod mcp_method_name {
    /// `notifications/cancelled`
    pub const NOTIFICATIONS_CANCELLED: &str = "notifications/cancelled";
    /// `initialize`
    pub const INITIALIZE: &str = "initialize";
    /// `notifications/initialized`
    pub const NOTIFICATIONS_INITIALIZED: &str = "notifications/initialized";
    /// `notifications/progress`
    pub const NOTIFICATIONS_PROGRESS: &str = "notifications/progress";
    /// `ping`
    pub const PING: &str = "ping";
    /// `resources/list`
    pub const RESOURCES_LIST: &str = "resources/list";
    /// `resources/templates/list`
    pub const RESOURCES_TEMPLATES_LIST: &str = "resources/templates/list";
    /// `resources/read`
    pub const RESOURCES_READ: &str = "resources/read";
    /// `notifications/resources/list_changed`
    pub const NOTIFICATIONS_RESOURCES_LIST_CHANGED: &str = "notifications/resources/list_changed";
    /// `resources/subscribe`
    pub const RESOURCES_SUBSCRIBE: &str = "resources/subscribe";
    /// `resources/unsubscribe`
    pub const RESOURCES_UNSUBSCRIBE: &str = "resources/unsubscribe";
    /// `notifications/resources/updated`
    pub const NOTIFICATIONS_RESOURCES_UPDATED: &str = "notifications/resources/updated";
    /// `prompts/list`
    pub const PROMPTS_LIST: &str = "prompts/list";
    /// `prompts/get`
    pub const PROMPTS_GET: &str = "prompts/get";
    /// `notifications/prompts/list_changed`
    pub const NOTIFICATIONS_PROMPTS_LIST_CHANGED: &str = "notifications/prompts/list_changed";
    /// `tools/list`
    pub const TOOLS_LIST: &str = "tools/list";
    /// `tools/call`
    pub const TOOLS_CALL: &str = "tools/call";
    /// `notifications/tools/list_changed`
    pub const NOTIFICATIONS_TOOLS_LIST_CHANGED: &str = "notifications/tools/list_changed";
    /// `logging/setLevel`
    pub const LOGGING_SET_LEVEL: &str = "logging/setLevel";
    /// `notifications/message`
    pub const NOTIFICATIONS_MESSAGE: &str = "notifications/message";
    /// `sampling/createMessage`
    pub const SAMPLING_CREATE_MESSAGE: &str = "sampling/createMessage";
    /// `completion/complete`
    pub const COMPLETION_COMPLETE: &str = "completion/complete";
    /// `roots/list`
    pub const ROOTS_LIST: &str = "roots/list";
    /// `notifications/roots/list_changed`
    pub const NOTIFICATIONS_ROOTS_LIST_CHANGED: &str = "notifications/roots/list_changed";
    /// `elicitation/create`
    pub const ELICITATION_CREATE: &str = "elicitation/create";
}

/// Values of `network.transport`.
pub mod network_transport {
    /// `tcp`
    pub const TCP: &str = "tcp";
    /// `udp`
    pub const UDP: &str = "udp";
    /// `pipe`
    pub const PIPE: &str = "pipe";
    /// `unix`
    pub const UNIX: &str = "unix";
    /// `quic`
    pub const QUIC: &str = "quic";
}

/// Values of `openai.api.type`.
pub mod openai_api_type {
    /// `chat_completions`
    pub const CHAT_COMPLETIONS: &str = "chat_completions";
    /// `responses`
    pub const RESPONSES: &str = "responses";
}

/// Values of `openai.request.service_tier`.
pub mod openai_request_service_tier {
    /// `auto`
    pub const AUTO: &str = "auto";
    /// `default`
    pub const DEFAULT: &str = "default";
}
