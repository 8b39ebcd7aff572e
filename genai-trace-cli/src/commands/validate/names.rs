//! Names, kinds and status of spans, and what their operations require.

use genai_trace::{SpanKind, SpanRecord, Status};
use genai_trace_semconv::values::gen_ai_operation_name as operation;
use genai_trace_semconv::{Kind, Level, SPANS, SpanType, names};

use super::flaw::Flaw;
use super::rules;
use crate::span::Brief;

/// What is wrong with a span as a whole.
pub(super) fn flaws(span: &SpanRecord, flaws: &mut Vec<Flaw>) {
    status(span, flaws);
    let types = types(span);
    let Some(first) = types.first() else {
        return;
    };
    let exact = types.iter().find(|ty| fits(ty, span.kind));
    if exact.is_none() {
        let allowed: Vec<_> = types.iter().flat_map(|ty| allowed(ty)).collect();
        let message = format!(
            "{} is {}, expected {}",
            span.name,
            span.kind.as_str(),
            allowed.join(" or ")
        );
        let flaw = Flaw::new(&rules::SPAN_KIND, message);
        flaws.push(
            flaw.said(span.kind.as_str())
                .allowed(allowed)
                .section("span", first.name),
        );
    }
    let ty = exact.unwrap_or(first);
    required(span, ty, flaws);
    if let Some(expected) = expected(span)
        && expected != span.name
    {
        let message = format!("expected the name {expected:?}");
        let flaw = Flaw::new(&rules::SPAN_NAME, message);
        flaws.push(
            flaw.said(span.name.as_str())
                .allowed(expected)
                .section("span", ty.name),
        );
    }
}

fn status(span: &SpanRecord, flaws: &mut Vec<Flaw>) {
    let error_type = span.attributes.str(names::ERROR_TYPE);
    let is_genai = span.attributes.iter().any(|(key, _)| {
        key.starts_with("gen_ai.") || key.starts_with("mcp.") || key.starts_with("genai_trace.")
    });
    let flaw = match (span.status, error_type) {
        // What others record is their conventions' business.
        (Status::Ok, _) if is_genai => Flaw::new(&rules::STATUS_OK, "the status is OK".to_owned()),
        (Status::Error, None) if is_genai => {
            let message = "the status is ERROR, and nothing says why".to_owned();
            Flaw::new(&rules::ERROR_TYPE_MISSING, message).section("attribute", names::ERROR_TYPE)
        }
        (Status::Unset | Status::Ok, Some(said)) => {
            let message = format!(
                "error.type is {said:?}, the status {}",
                span.status.as_str()
            );
            let flaw = Flaw::new(&rules::ERROR_TYPE_WITHOUT_ERROR, message).said(said);
            flaw.section("attribute", names::ERROR_TYPE)
        }
        _ => return,
    };
    flaws.push(flaw);
}

/// The types that a span may be of, by its operation or its method.
fn types(span: &SpanRecord) -> Vec<&'static SpanType> {
    let said = span.attributes.str(names::GEN_AI_OPERATION_NAME);
    let is_mcp = span.attributes.get(names::MCP_METHOD_NAME).is_some();
    let all = SPANS.iter().filter(|ty| ty.refines.is_none());
    all.filter(|ty| match (is_mcp, ty.name.starts_with("mcp.")) {
        (true, true) => true,
        // A tool's span may say over which method it was called.
        (true, false) | (false, false) => said.is_some_and(|said| ty.operations.contains(&said)),
        (false, true) => false,
    })
    .collect()
}

fn fits(ty: &SpanType, kind: SpanKind) -> bool {
    allowed(ty).any(|allowed| allowed == kind.as_str())
}

fn allowed(ty: &SpanType) -> impl Iterator<Item = &'static str> + use<> {
    let kind = match ty.kind {
        Kind::Client => "CLIENT",
        Kind::Server => "SERVER",
        _ => "INTERNAL",
    };
    let too = (ty.may_be_internal && kind != "INTERNAL").then_some("INTERNAL");
    [kind].into_iter().chain(too)
}

fn required(span: &SpanRecord, ty: &SpanType, flaws: &mut Vec<Flaw>) {
    for requirement in ty.attributes {
        let key = requirement.attribute;
        if requirement.level != Level::Required || span.attributes.get(key).is_some() {
            continue;
        }
        // An old name is said elsewhere to be one.
        if key == names::GEN_AI_PROVIDER_NAME && span.attributes.get("gen_ai.system").is_some() {
            continue;
        }
        let flaw = match said(span, key) {
            Some(said) => {
                let message = format!("{key} ({said}) is said under another name");
                Flaw::new(&rules::NAME_FOREIGN, message).said(said)
            }
            None => Flaw::new(&rules::ATTRIBUTE_REQUIRED, format!("{key} is missing")),
        };
        flaws.push(flaw.allowed(key).section("span", ty.name));
    }
}

/// What a span says of a subject, under whatever name.
fn said(span: &SpanRecord, key: &str) -> Option<String> {
    if let Some(said) = span.attributes.str(key) {
        return Some(said.to_owned());
    }
    let facts = Brief::of(span).facts;
    let said = match key {
        names::GEN_AI_PROVIDER_NAME => facts.provider,
        names::GEN_AI_REQUEST_MODEL => facts.model,
        names::GEN_AI_TOOL_NAME => facts.tool,
        names::GEN_AI_AGENT_NAME => facts.agent,
        _ => None,
    };
    said.map(Into::into)
}

/// How a span should be called; none where no one can say.
fn expected(span: &SpanRecord) -> Option<String> {
    let said = |key| said(span, key);
    if let Some(method) = said(names::MCP_METHOD_NAME)
        && span.kind != SpanKind::Internal
    {
        let target = said(names::GEN_AI_TOOL_NAME).or(said(names::GEN_AI_PROMPT_NAME));
        return Some(joined(&method, target));
    }
    let operation = said(names::GEN_AI_OPERATION_NAME)?;
    let operation = operation.as_str();
    let subject = match operation {
        operation::CHAT
        | operation::TEXT_COMPLETION
        | operation::GENERATE_CONTENT
        | operation::EMBEDDINGS => said(names::GEN_AI_REQUEST_MODEL),
        operation::RETRIEVAL => said(names::GEN_AI_DATA_SOURCE_ID),
        operation::CREATE_AGENT | operation::INVOKE_AGENT | operation::PLAN => {
            said(names::GEN_AI_AGENT_NAME)
        }
        operation::EXECUTE_TOOL => said(names::GEN_AI_TOOL_NAME),
        operation::INVOKE_WORKFLOW => said(names::GEN_AI_WORKFLOW_NAME),
        _ => None,
    };
    let is_known = SPANS.iter().any(|ty| ty.operations.contains(&operation));
    is_known.then(|| joined(operation, subject))
}

fn joined(front: &str, subject: Option<String>) -> String {
    match subject {
        Some(subject) => format!("{front} {subject}"),
        None => front.to_owned(),
    }
}
