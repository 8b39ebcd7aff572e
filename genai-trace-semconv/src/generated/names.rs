// Written by `tests/generated.rs` from `facts.json` and `spellings.json`: change those.

//! The names of attributes.

/// `aws.bedrock.guardrail.id`: a string.
pub const AWS_BEDROCK_GUARDRAIL_ID: &str = "aws.bedrock.guardrail.id";

/// `aws.bedrock.knowledge_base.id`: a string.
pub const AWS_BEDROCK_KNOWLEDGE_BASE_ID: &str = "aws.bedrock.knowledge_base.id";

/// `azure.resource_provider.namespace`: a string.
pub const AZURE_RESOURCE_PROVIDER_NAMESPACE: &str = "azure.resource_provider.namespace";

/// `client.address`: a string.
pub const CLIENT_ADDRESS: &str = "client.address";

/// `client.port`: an integer.
pub const CLIENT_PORT: &str = "client.port";

/// `error.type`: a string.
pub const ERROR_TYPE: &str = "error.type";

/// `exception.message`: a string.
pub const EXCEPTION_MESSAGE: &str = "exception.message";

/// `exception.stacktrace`: a string.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";

/// `exception.type`: a string.
pub const EXCEPTION_TYPE: &str = "exception.type";

/// `gen_ai.agent.description`: a string.
pub const GEN_AI_AGENT_DESCRIPTION: &str = "gen_ai.agent.description";

/// `gen_ai.agent.id`: a string.
pub const GEN_AI_AGENT_ID: &str = "gen_ai.agent.id";

/// `gen_ai.agent.name`: a string.
pub const GEN_AI_AGENT_NAME: &str = "gen_ai.agent.name";

/// `gen_ai.agent.version`: a string.
pub const GEN_AI_AGENT_VERSION: &str = "gen_ai.agent.version";

/// `gen_ai.conversation.compacted`: a boolean.
pub const GEN_AI_CONVERSATION_COMPACTED: &str = "gen_ai.conversation.compacted";

/// `gen_ai.conversation.id`: a string.
pub const GEN_AI_CONVERSATION_ID: &str = "gen_ai.conversation.id";

/// `gen_ai.data_source.id`: a string.
pub const GEN_AI_DATA_SOURCE_ID: &str = "gen_ai.data_source.id";

/// `gen_ai.embeddings.dimension.count`: an integer.
pub const GEN_AI_EMBEDDINGS_DIMENSION_COUNT: &str = "gen_ai.embeddings.dimension.count";

/// `gen_ai.evaluation.explanation`: a string.
pub const GEN_AI_EVALUATION_EXPLANATION: &str = "gen_ai.evaluation.explanation";

/// `gen_ai.evaluation.name`: a string.
pub const GEN_AI_EVALUATION_NAME: &str = "gen_ai.evaluation.name";

/// `gen_ai.evaluation.score.label`: a string.
pub const GEN_AI_EVALUATION_SCORE_LABEL: &str = "gen_ai.evaluation.score.label";

/// `gen_ai.evaluation.score.value`: a float.
pub const GEN_AI_EVALUATION_SCORE_VALUE: &str = "gen_ai.evaluation.score.value";

/// `gen_ai.input.messages`: a structure.
pub const GEN_AI_INPUT_MESSAGES: &str = "gen_ai.input.messages";

/// `gen_ai.main_agent.description`: a string.
pub const GEN_AI_MAIN_AGENT_DESCRIPTION: &str = "gen_ai.main_agent.description";

/// `gen_ai.main_agent.id`: a string.
pub const GEN_AI_MAIN_AGENT_ID: &str = "gen_ai.main_agent.id";

/// `gen_ai.main_agent.name`: a string.
pub const GEN_AI_MAIN_AGENT_NAME: &str = "gen_ai.main_agent.name";

/// `gen_ai.memory.query.text`: a string.
pub const GEN_AI_MEMORY_QUERY_TEXT: &str = "gen_ai.memory.query.text";

/// `gen_ai.memory.record.count`: an integer.
pub const GEN_AI_MEMORY_RECORD_COUNT: &str = "gen_ai.memory.record.count";

/// `gen_ai.memory.record.id`: a string.
pub const GEN_AI_MEMORY_RECORD_ID: &str = "gen_ai.memory.record.id";

/// `gen_ai.memory.records`: a structure.
pub const GEN_AI_MEMORY_RECORDS: &str = "gen_ai.memory.records";

/// `gen_ai.memory.store.id`: a string.
pub const GEN_AI_MEMORY_STORE_ID: &str = "gen_ai.memory.store.id";

/// `gen_ai.operation.name`: a string, with values of a list.
pub const GEN_AI_OPERATION_NAME: &str = "gen_ai.operation.name";

/// `gen_ai.output.messages`: a structure.
pub const GEN_AI_OUTPUT_MESSAGES: &str = "gen_ai.output.messages";

/// `gen_ai.output.type`: a string, with values of a list.
pub const GEN_AI_OUTPUT_TYPE: &str = "gen_ai.output.type";

/// `gen_ai.prompt.name`: a string.
pub const GEN_AI_PROMPT_NAME: &str = "gen_ai.prompt.name";

/// `gen_ai.prompt.variable`: the beginning of a name, with a dot and a word behind it.
pub const GEN_AI_PROMPT_VARIABLE: &str = "gen_ai.prompt.variable";

/// `gen_ai.prompt.version`: a string.
pub const GEN_AI_PROMPT_VERSION: &str = "gen_ai.prompt.version";

/// `gen_ai.provider.name`: a string, with values of a list.
pub const GEN_AI_PROVIDER_NAME: &str = "gen_ai.provider.name";

/// `gen_ai.request.choice.count`: an integer.
pub const GEN_AI_REQUEST_CHOICE_COUNT: &str = "gen_ai.request.choice.count";

/// `gen_ai.request.encoding_formats`: a list of strings.
pub const GEN_AI_REQUEST_ENCODING_FORMATS: &str = "gen_ai.request.encoding_formats";

/// `gen_ai.request.frequency_penalty`: a float.
pub const GEN_AI_REQUEST_FREQUENCY_PENALTY: &str = "gen_ai.request.frequency_penalty";

/// `gen_ai.request.max_tokens`: an integer.
pub const GEN_AI_REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";

/// `gen_ai.request.model`: a string.
pub const GEN_AI_REQUEST_MODEL: &str = "gen_ai.request.model";

/// `gen_ai.request.presence_penalty`: a float.
pub const GEN_AI_REQUEST_PRESENCE_PENALTY: &str = "gen_ai.request.presence_penalty";

/// `gen_ai.request.previous_response.id`: a string.
pub const GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID: &str = "gen_ai.request.previous_response.id";

/// `gen_ai.request.reasoning.level`: a string.
pub const GEN_AI_REQUEST_REASONING_LEVEL: &str = "gen_ai.request.reasoning.level";

/// `gen_ai.request.seed`: an integer.
pub const GEN_AI_REQUEST_SEED: &str = "gen_ai.request.seed";

/// `gen_ai.request.stop_sequences`: a list of strings.
pub const GEN_AI_REQUEST_STOP_SEQUENCES: &str = "gen_ai.request.stop_sequences";

/// `gen_ai.request.stream`: a boolean.
pub const GEN_AI_REQUEST_STREAM: &str = "gen_ai.request.stream";

/// `gen_ai.request.stream_cursor`: a string.
pub const GEN_AI_REQUEST_STREAM_CURSOR: &str = "gen_ai.request.stream_cursor";

/// `gen_ai.request.temperature`: a float.
pub const GEN_AI_REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";

/// `gen_ai.request.top_k`: an integer.
pub const GEN_AI_REQUEST_TOP_K: &str = "gen_ai.request.top_k";

/// `gen_ai.request.top_p`: a float.
pub const GEN_AI_REQUEST_TOP_P: &str = "gen_ai.request.top_p";

/// `gen_ai.response.finish_reasons`: a list of strings.
pub const GEN_AI_RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";

/// `gen_ai.response.id`: a string.
pub const GEN_AI_RESPONSE_ID: &str = "gen_ai.response.id";

/// `gen_ai.response.model`: a string.
pub const GEN_AI_RESPONSE_MODEL: &str = "gen_ai.response.model";

/// `gen_ai.response.status`: a string, with values of a list.
pub const GEN_AI_RESPONSE_STATUS: &str = "gen_ai.response.status";

/// `gen_ai.response.time_to_first_chunk`: a float.
pub const GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";

/// `gen_ai.retrieval.documents`: a structure.
pub const GEN_AI_RETRIEVAL_DOCUMENTS: &str = "gen_ai.retrieval.documents";

/// `gen_ai.retrieval.query.text`: a string.
pub const GEN_AI_RETRIEVAL_QUERY_TEXT: &str = "gen_ai.retrieval.query.text";

/// `gen_ai.retrieval.top_k`: an integer.
pub const GEN_AI_RETRIEVAL_TOP_K: &str = "gen_ai.retrieval.top_k";

/// `gen_ai.skill.description`: a string.
pub const GEN_AI_SKILL_DESCRIPTION: &str = "gen_ai.skill.description";

/// `gen_ai.skill.name`: a string.
pub const GEN_AI_SKILL_NAME: &str = "gen_ai.skill.name";

/// `gen_ai.skill.resource.name`: a string.
pub const GEN_AI_SKILL_RESOURCE_NAME: &str = "gen_ai.skill.resource.name";

/// `gen_ai.skill.source.uri`: a string.
pub const GEN_AI_SKILL_SOURCE_URI: &str = "gen_ai.skill.source.uri";

/// `gen_ai.system_instructions`: a structure.
pub const GEN_AI_SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";

/// `gen_ai.token.modality`: a string, with values of a list.
pub const GEN_AI_TOKEN_MODALITY: &str = "gen_ai.token.modality";

/// `gen_ai.tool.call.arguments`: a structure.
pub const GEN_AI_TOOL_CALL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";

/// `gen_ai.tool.call.id`: a string.
pub const GEN_AI_TOOL_CALL_ID: &str = "gen_ai.tool.call.id";

/// `gen_ai.tool.call.result`: a structure.
pub const GEN_AI_TOOL_CALL_RESULT: &str = "gen_ai.tool.call.result";

/// `gen_ai.tool.definitions`: a structure.
pub const GEN_AI_TOOL_DEFINITIONS: &str = "gen_ai.tool.definitions";

/// `gen_ai.tool.description`: a string.
pub const GEN_AI_TOOL_DESCRIPTION: &str = "gen_ai.tool.description";

/// `gen_ai.tool.name`: a string.
pub const GEN_AI_TOOL_NAME: &str = "gen_ai.tool.name";

/// `gen_ai.tool.type`: a string.
pub const GEN_AI_TOOL_TYPE: &str = "gen_ai.tool.type";

/// `gen_ai.usage.audio.cache_read.input_tokens`: an integer.
pub const GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.audio.cache_read.input_tokens";

/// `gen_ai.usage.audio.input_tokens`: an integer.
pub const GEN_AI_USAGE_AUDIO_INPUT_TOKENS: &str = "gen_ai.usage.audio.input_tokens";

/// `gen_ai.usage.audio.output_tokens`: an integer.
pub const GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS: &str = "gen_ai.usage.audio.output_tokens";

/// `gen_ai.usage.cache_read.input_tokens`: an integer.
pub const GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";

/// `gen_ai.usage.cache_write.input_tokens`: an integer.
pub const GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: &str = "gen_ai.usage.cache_write.input_tokens";

/// `gen_ai.usage.image.cache_read.input_tokens`: an integer.
pub const GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.image.cache_read.input_tokens";

/// `gen_ai.usage.image.input_tokens`: an integer.
pub const GEN_AI_USAGE_IMAGE_INPUT_TOKENS: &str = "gen_ai.usage.image.input_tokens";

/// `gen_ai.usage.image.output_tokens`: an integer.
pub const GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.image.output_tokens";

/// `gen_ai.usage.input_tokens`: an integer.
pub const GEN_AI_USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";

/// `gen_ai.usage.output_tokens`: an integer.
pub const GEN_AI_USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";

/// `gen_ai.usage.reasoning.output_tokens`: an integer.
pub const GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";

/// `gen_ai.usage.text.cache_read.input_tokens`: an integer.
pub const GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.text.cache_read.input_tokens";

/// `gen_ai.usage.text.input_tokens`: an integer.
pub const GEN_AI_USAGE_TEXT_INPUT_TOKENS: &str = "gen_ai.usage.text.input_tokens";

/// `gen_ai.usage.text.output_tokens`: an integer.
pub const GEN_AI_USAGE_TEXT_OUTPUT_TOKENS: &str = "gen_ai.usage.text.output_tokens";

/// `gen_ai.workflow.name`: a string.
pub const GEN_AI_WORKFLOW_NAME: &str = "gen_ai.workflow.name";

/// `jsonrpc.protocol.version`: a string.
pub const JSONRPC_PROTOCOL_VERSION: &str = "jsonrpc.protocol.version";

/// `jsonrpc.request.id`: a string.
pub const JSONRPC_REQUEST_ID: &str = "jsonrpc.request.id";

/// `mcp.method.name`: a string, with values of a list.
pub const MCP_METHOD_NAME: &str = "mcp.method.name";

/// `mcp.protocol.version`: a string.
pub const MCP_PROTOCOL_VERSION: &str = "mcp.protocol.version";

/// `mcp.resource.uri`: a string.
pub const MCP_RESOURCE_URI: &str = "mcp.resource.uri";

/// `mcp.session.id`: a string.
pub const MCP_SESSION_ID: &str = "mcp.session.id";

/// `network.protocol.name`: a string.
pub const NETWORK_PROTOCOL_NAME: &str = "network.protocol.name";

/// `network.protocol.version`: a string.
pub const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";

/// `network.transport`: a string, with values of a list.
pub const NETWORK_TRANSPORT: &str = "network.transport";

/// `openai.api.type`: a string, with values of a list.
pub const OPENAI_API_TYPE: &str = "openai.api.type";

/// `openai.request.service_tier`: a string, with values of a list.
pub const OPENAI_REQUEST_SERVICE_TIER: &str = "openai.request.service_tier";

/// `openai.response.service_tier`: a string.
pub const OPENAI_RESPONSE_SERVICE_TIER: &str = "openai.response.service_tier";

/// `openai.response.system_fingerprint`: a string.
pub const OPENAI_RESPONSE_SYSTEM_FINGERPRINT: &str = "openai.response.system_fingerprint";

/// `process.executable.name`: a string.
pub const PROCESS_EXECUTABLE_NAME: &str = "process.executable.name";

/// `process.executable.path`: a string.
pub const PROCESS_EXECUTABLE_PATH: &str = "process.executable.path";

/// `process.exit.code`: an integer.
pub const PROCESS_EXIT_CODE: &str = "process.exit.code";

/// `rpc.response.status_code`: a string.
pub const RPC_RESPONSE_STATUS_CODE: &str = "rpc.response.status_code";

/// `server.address`: a string.
pub const SERVER_ADDRESS: &str = "server.address";

/// `server.port`: an integer.
pub const SERVER_PORT: &str = "server.port";
