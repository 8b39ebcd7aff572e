//! The spans of the conventions' other operations: their names, kinds and attributes.

use genai_trace::{
    McpSession, SpanKind, Status, genai_agent, genai_chat, genai_create_agent, genai_mcp,
    genai_memory, genai_plan, genai_retrieval, genai_tool, genai_workflow,
};
use genai_trace_tests::recorded;
use serde_json::{Value, json};

#[test]
fn a_retrieval_is_named_by_its_data_source() {
    #[genai_retrieval(
        "handbook",
        top_k = 3,
        provider = "aws.bedrock",
        url = "https://host.example:8443/search?q=1"
    )]
    fn search() {}
    #[genai_retrieval]
    fn anywhere() {}
    let recorded = recorded(|| {
        search();
        anywhere();
    });
    let search = recorded.span("retrieval handbook");
    assert_eq!(search.kind, SpanKind::Client);
    assert_eq!(
        search.attributes.str("gen_ai.data_source.id"),
        Some("handbook")
    );
    assert_eq!(search.attributes.int("gen_ai.retrieval.top_k"), Some(3));
    assert_eq!(
        search.attributes.str("server.address"),
        Some("host.example")
    );
    assert_eq!(search.attributes.int("server.port"), Some(8443));
    recorded.span("retrieval");
}

#[test]
fn a_workflow_is_named_and_a_plan_is_its_agents() {
    #[genai_plan]
    fn plan() {}
    #[genai_plan("other")]
    fn plan_of_another() {}
    #[genai_agent("coder")]
    fn agent() {
        plan();
        plan_of_another();
    }
    #[genai_workflow("review")]
    fn review() {
        plan();
        agent();
    }
    let recorded = recorded(review);
    assert_eq!(
        recorded.outline(),
        "invoke_workflow review\n.plan\n.invoke_agent coder\n..plan coder\n..plan other"
    );
    assert_eq!(
        recorded
            .span("plan coder")
            .attributes
            .str("gen_ai.agent.name"),
        Some("coder")
    );
}

#[test]
fn a_memory_is_called_by_what_it_does() {
    #[genai_memory("search_memory", store_id = "preferences", provider = "openai")]
    fn search() {}
    #[genai_memory("upsert_memory", in_process, record_id = id, record_count = 1)]
    fn keep(id: &str) {}
    let recorded = recorded(|| {
        search();
        keep("mem_1");
    });
    let search = recorded.span("search_memory");
    assert_eq!(search.kind, SpanKind::Client);
    assert_eq!(
        search.attributes.str("gen_ai.operation.name"),
        Some("search_memory")
    );
    assert_eq!(
        search.attributes.str("gen_ai.memory.store.id"),
        Some("preferences")
    );
    let keep = recorded.span("upsert_memory");
    assert_eq!(keep.kind, SpanKind::Internal);
    assert_eq!(
        keep.attributes.str("gen_ai.memory.record.id"),
        Some("mem_1")
    );
    let counted =
        "gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name=\"upsert_memory\"}";
    assert_eq!(recorded.metric(counted), Some(1.0));
}

#[test]
fn an_agent_that_is_made_elsewhere_is_a_call() {
    #[genai_create_agent(
        "tutor",
        provider = "openai",
        model = "gpt-4o",
        id = "asst_1",
        version = "2"
    )]
    fn create() {}
    let recorded = recorded(create);
    let create = recorded.span("create_agent tutor");
    assert_eq!(create.kind, SpanKind::Client);
    assert_eq!(create.attributes.str("gen_ai.agent.id"), Some("asst_1"));
    assert_eq!(
        create.attributes.str("gen_ai.request.model"),
        Some("gpt-4o")
    );
}

#[test]
fn a_provider_is_known_by_its_host_unless_it_is_said() {
    #[genai_chat(model = "a", url = "https://api.anthropic.com/v1/messages")]
    fn known() {}
    #[genai_chat(
        model = "b",
        provider = "openai",
        url = "https://api.anthropic.com/v1/messages"
    )]
    fn said() {}
    #[genai_chat(model = "c", url = "http://localhost:11434/api/chat")]
    fn unknown() {}
    let recorded = recorded(|| {
        known();
        said();
        unknown();
    });
    let provider = |name: &str| recorded.span(name).attributes.str("gen_ai.provider.name");
    assert_eq!(provider("chat a"), Some("anthropic"));
    assert_eq!(provider("chat b"), Some("openai"));
    assert_eq!(provider("chat c"), None);
}

#[test]
fn a_call_of_the_protocol_says_what_its_request_says() {
    #[genai_mcp(client, request = request, transport = "pipe")]
    fn send(request: &Value) -> Value {
        json!({"jsonrpc": "2.0", "id": 7, "error": {"code": -32603, "message": "broken"}})
    }
    let recorded = recorded(|| {
        send(
            &json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "read_file", "arguments": {"path": "a"}}}),
        );
    });
    let call = recorded.span("tools/call read_file");
    assert_eq!((call.kind, call.status), (SpanKind::Client, Status::Error));
    for (key, value) in [
        ("mcp.method.name", "tools/call"),
        ("gen_ai.operation.name", "execute_tool"),
        ("gen_ai.tool.name", "read_file"),
        ("jsonrpc.request.id", "7"),
        ("rpc.response.status_code", "-32603"),
        ("error.type", "-32603"),
    ] {
        assert_eq!(call.attributes.str(key), Some(value), "{key}");
    }
    let counted = "mcp_client_operation_duration_seconds_count{error_type=\"-32603\",gen_ai_operation_name=\"execute_tool\",gen_ai_tool_name=\"read_file\",mcp_method_name=\"tools/call\",network_transport=\"pipe\",rpc_response_status_code=\"-32603\"}";
    assert_eq!(recorded.metric(counted), Some(1.0));
}

#[test]
fn a_server_that_refuses_what_cannot_be_served_has_not_failed() {
    #[genai_mcp(server, method = method)]
    fn handle(method: &str, code: i64) -> Value {
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": "no"}})
    }
    #[genai_mcp(server, method = "tools/call", tool = "write_file")]
    fn tool() -> Value {
        json!({"content": [{"type": "text", "text": "disk full"}], "isError": true})
    }
    let recorded = recorded(|| {
        handle("tools/list", -32601);
        handle("prompts/list", -32603);
        tool();
    });
    let refused = recorded.span("tools/list");
    assert_eq!(
        (refused.kind, refused.status),
        (SpanKind::Server, Status::Unset)
    );
    assert_eq!(
        refused.attributes.str("rpc.response.status_code"),
        Some("-32601")
    );
    assert_eq!(refused.attributes.get("gen_ai.operation.name"), None);
    assert_eq!(recorded.span("prompts/list").status, Status::Error);
    let tool = recorded.span("tools/call write_file");
    assert_eq!(tool.attributes.str("error.type"), Some("tool_error"));
    assert_eq!(tool.status_message, "disk full");
}

#[test]
fn a_session_of_the_protocol_is_timed() {
    let recorded = recorded(|| {
        drop(McpSession::client().transport("pipe"));
        McpSession::server()
            .protocol_version("2025-06-18")
            .fail("timeout");
    });
    let client = "mcp_client_session_duration_seconds_count{network_transport=\"pipe\"}";
    let server = "mcp_server_session_duration_seconds_count{error_type=\"timeout\",mcp_protocol_version=\"2025-06-18\"}";
    assert_eq!(recorded.metric(client), Some(1.0));
    assert_eq!(recorded.metric(server), Some(1.0));
    assert!(recorded.spans.is_empty());
}

#[test]
fn a_tool_that_loads_a_skill_is_called_by_both() {
    #[genai_tool("load_skill", skill = skill)]
    fn load(skill: &str) {}
    #[genai_tool("read_resource", skill = "review", skill_resource = "policy.md")]
    fn read() {}
    #[genai_tool("run", fields("process.executable.name" = program))]
    fn run(program: &str) {}
    let recorded = recorded(|| {
        load("review");
        read();
        run("cargo");
    });
    recorded.span("execute_tool load_skill review");
    recorded.span("execute_tool read_resource review policy.md");
    recorded.span("execute_tool run cargo");
}
