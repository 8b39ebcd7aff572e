//! The types of spans: kind, name, and which attributes stand on which.

use genai_trace_semconv::{Kind, Level, SPANS, SpanType};

use super::{Sheet, own};

pub(super) fn check(sheet: &mut Sheet<'_>) {
    let types = types(sheet);
    let Some(span) = types.first().copied() else {
        return unnamed(sheet);
    };
    name(sheet);
    for requirement in span.attributes {
        let attribute = requirement.attribute;
        let is_there = sheet.has(attribute);
        if requirement.level == Level::Required {
            sheet.expect(is_there, "required", || format!("no {attribute}"));
        }
    }
    let allowed = |name: &str| {
        SPANS
            .iter()
            .filter(|of| types.iter().any(|span| is_or_refines(of, span)))
            .flat_map(|span| span.attributes)
            .any(|known| known.attribute == name || is_of_template(name, known.attribute))
    };
    for name in sheet.attributes.keys() {
        let is_misplaced =
            name.starts_with("gen_ai.") && !allowed(own::referenced(name).unwrap_or(name));
        sheet.expect(!is_misplaced, "misplaced", || {
            format!("{name} does not belong on {}", span.name)
        });
    }
    server(sheet);
    only_where_true(sheet);
}

/// The types that the span may be of, by its operation and kind; the most fitting first. A kind that none
/// of them has is found.
fn types(sheet: &mut Sheet<'_>) -> Vec<&'static SpanType> {
    let operation = sheet.text("gen_ai.operation.name");
    let is_mcp = sheet.has("mcp.method.name") && sheet.line("kind") != "INTERNAL";
    let mut types: Vec<&SpanType> = SPANS
        .iter()
        .filter(|span| span.refines.is_none() && span.name.starts_with("mcp.") == is_mcp)
        .filter(|span| is_mcp || operation.is_some_and(|name| span.operations.contains(&name)))
        .collect();
    if let Some(operation) = operation
        && types.is_empty()
    {
        sheet.find(
            "operation",
            format!("no span of the conventions is {operation:?}"),
        );
    }
    let kind = sheet.line("kind");
    let is_of_kind = |span: &SpanType| match span.kind {
        Kind::Client => kind == "CLIENT" || span.may_be_internal && kind == "INTERNAL",
        Kind::Server => kind == "SERVER",
        _ => kind == "INTERNAL",
    };
    let holds = types.is_empty() || types.iter().any(|span| is_of_kind(span));
    sheet.expect(holds, "kind", || format!("{kind} for {operation:?}"));
    types.sort_by_key(|span| !is_of_kind(span));
    types
}

fn is_or_refines(span: &SpanType, base: &SpanType) -> bool {
    span.name == base.name || span.refines == Some(base.name)
}

pub(super) fn is_of_template(name: &str, template: &str) -> bool {
    let known = genai_trace_semconv::attribute(name);
    known.is_some_and(|known| known.template && known.name == template)
}

/// A span that is none of the conventions' says nothing that only a model's call says. A gate may name the tool
/// that it stands before.
fn unnamed(sheet: &mut Sheet<'_>) {
    if sheet.has("gen_ai.operation.name") {
        return;
    }
    let theirs = sheet.attributes.keys().find(|name| {
        [
            "gen_ai.request.",
            "gen_ai.response.",
            "gen_ai.usage.",
            "gen_ai.provider.",
        ]
        .iter()
        .any(|space| name.starts_with(space))
    });
    sheet.expect(theirs.is_none(), "operation", || {
        format!("{theirs:?} without gen_ai.operation.name")
    });
    if let Some(decision) = sheet.text("genai_trace.gate.decision") {
        let name = sheet.name;
        let holds = name.starts_with("gate ") && name.len() > 5;
        sheet.expect(holds, "span_name", || {
            format!("a gate that says {decision} is {name:?}")
        });
    }
}

/// The name that the span is to have: its operation, and the one of its attributes that is not to be one of
/// very many.
fn name(sheet: &mut Sheet<'_>) {
    let operation = sheet.text("gen_ai.operation.name").unwrap_or_default();
    let method = sheet.text("mcp.method.name");
    let is_internal = sheet.line("kind") == "INTERNAL";
    let (first, second) = match (method, operation) {
        (Some(method), _) if !is_internal => (
            method,
            sheet
                .text("gen_ai.tool.name")
                .or(sheet.text("gen_ai.prompt.name")),
        ),
        (_, "chat" | "text_completion" | "generate_content" | "embeddings") => {
            (operation, sheet.text("gen_ai.request.model"))
        }
        (_, "retrieval") => (operation, sheet.text("gen_ai.data_source.id")),
        (_, "invoke_agent" | "create_agent" | "plan") => {
            (operation, sheet.text("gen_ai.agent.name"))
        }
        (_, "execute_tool") => (operation, sheet.text("gen_ai.tool.name")),
        (_, "invoke_workflow") => (operation, sheet.text("gen_ai.workflow.name")),
        _ => (operation, None),
    };
    let expected = match second {
        Some(second) => format!("{first} {second}"),
        None => first.to_owned(),
    };
    // Tools that load skills, read of them or run commands name these as well.
    let tail = match operation {
        "execute_tool" => {
            let text = |key| sheet.text(key).map(|text| format!(" {text}"));
            let (skill, resource) = (
                text("gen_ai.skill.name"),
                text("gen_ai.skill.resource.name"),
            );
            let executable = text("process.executable.name");
            match (skill, resource) {
                (skill, Some(resource)) => skill.unwrap_or_default() + &resource,
                (skill, None) => executable.or(skill).unwrap_or_default(),
            }
        }
        _ => String::new(),
    };
    let expected = expected + &tail;
    let holds = sheet.name == expected;
    sheet.expect(holds, "span_name", || {
        format!("is to be called {expected:?}")
    });
}

fn server(sheet: &mut Sheet<'_>) {
    let port = sheet.attributes.get("server.port");
    if sheet.has("server.address") || port.is_some() {
        let both = sheet.has("server.address") && port.is_some();
        sheet.expect(both, "server", || {
            "server.address and server.port go together".to_owned()
        });
    }
    if let Some(port) = port {
        let is_port = port
            .as_u64()
            .is_some_and(|port| (1..=65_535).contains(&port));
        sheet.expect(is_port, "server", || format!("server.port {port}"));
    }
}

/// Attributes that say something only by one of their values.
fn only_where_true(sheet: &mut Sheet<'_>) {
    for name in ["gen_ai.conversation.compacted", "gen_ai.request.stream"] {
        if let Some(value) = sheet.attributes.get(name) {
            sheet.expect(*value == true, "only_true", || format!("{name} is {value}"));
        }
    }
    if let Some(count) = sheet.attributes.get("gen_ai.request.choice.count") {
        let holds = count.as_i64().is_some_and(|count| count > 1);
        sheet.expect(holds, "choice_count", || {
            format!("gen_ai.request.choice.count is {count}")
        });
    }
    if let Some(id) = sheet.text("gen_ai.conversation.id") {
        let holds = !id.is_empty() && id != sheet.line("trace_id");
        sheet.expect(holds, "conversation", || {
            format!("gen_ai.conversation.id is {id:?}")
        });
    }
    if let Some(seconds) = sheet.attributes.get("gen_ai.response.time_to_first_chunk") {
        let time = |key: &str| {
            sheet
                .span
                .get(key)
                .and_then(serde_json::Value::as_u64)
                .unwrap_or(0)
        };
        let nanos = time("end_unix_nano").saturating_sub(time("start_unix_nano"));
        let most = std::time::Duration::from_nanos(nanos).as_secs_f64();
        let holds = seconds
            .as_f64()
            .is_some_and(|seconds| (0.0..=most).contains(&seconds));
        sheet.expect(holds, "first_chunk", || {
            format!("the first chunk after {seconds} s of {most}")
        });
    }
}
