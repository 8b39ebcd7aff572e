-- A finished span, once by its ids. Times are nanoseconds since 1970. The columns from `duration_ns` on are read off the
-- others: in the conventions' names of today, else in older ones.
CREATE TABLE spans (
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    parent_span_id TEXT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    start_unix_nano INTEGER NOT NULL,
    end_unix_nano INTEGER NOT NULL,
    status TEXT NOT NULL,
    status_message TEXT NOT NULL,
    attributes TEXT NOT NULL,
    resource TEXT NOT NULL,
    trace_state TEXT,
    flags INTEGER,
    scope TEXT,
    dropped TEXT,
    duration_ns INTEGER AS (end_unix_nano - start_unix_nano),
    duration_ms REAL AS ((end_unix_nano - start_unix_nano) / 1e6),
    operation TEXT AS (attributes ->> '$."gen_ai.operation.name"'),
    agent TEXT AS (coalesce(attributes ->> '$."gen_ai.agent.name"', attributes ->> '$."agent.name"')),
    tool TEXT AS (coalesce(attributes ->> '$."gen_ai.tool.name"', attributes ->> '$."tool.name"')),
    provider TEXT AS (coalesce(
        attributes ->> '$."gen_ai.provider.name"', attributes ->> '$."gen_ai.system"', attributes ->> '$."llm.provider"')),
    model TEXT AS (coalesce(
        attributes ->> '$."gen_ai.request.model"', attributes ->> '$."llm.model"', attributes ->> '$."llm.model_name"',
        attributes ->> '$."gen_ai.response.model"')),
    input_tokens INTEGER AS (coalesce(
        attributes ->> '$."gen_ai.usage.input_tokens"', attributes ->> '$."gen_ai.usage.prompt_tokens"',
        attributes ->> '$."llm.tokens.input"', attributes ->> '$."llm.token_count.prompt"',
        attributes ->> '$."prompt_tokens"')),
    output_tokens INTEGER AS (coalesce(
        attributes ->> '$."gen_ai.usage.output_tokens"', attributes ->> '$."gen_ai.usage.completion_tokens"',
        attributes ->> '$."llm.tokens.output"', attributes ->> '$."llm.token_count.completion"',
        attributes ->> '$."completion_tokens"')),
    cost_usd REAL AS (coalesce(attributes ->> '$."llm.cost.usd"', attributes ->> '$."gen_ai.usage.cost"')),
    conversation TEXT AS (coalesce(
        attributes ->> '$."gen_ai.conversation.id"', attributes ->> '$."gen_ai.session.id"',
        attributes ->> '$."session.id"')),
    error_type TEXT AS (attributes ->> '$."error.type"'),
    UNIQUE (trace_id, span_id)
);
CREATE INDEX spans_by_start ON spans (start_unix_nano);
CREATE INDEX spans_by_tool ON spans (tool, start_unix_nano) WHERE tool IS NOT NULL;
CREATE INDEX spans_by_model ON spans (model, start_unix_nano) WHERE model IS NOT NULL;
CREATE INDEX errors_by_start ON spans (start_unix_nano) WHERE status = 'ERROR';

-- Something that happened at one moment: on its span, or as a record of its own.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    trace_id TEXT,
    span_id TEXT,
    name TEXT NOT NULL,
    time_unix_nano INTEGER NOT NULL,
    severity_number INTEGER,
    attributes TEXT NOT NULL,
    resource TEXT,
    is_on_span INTEGER NOT NULL
);
CREATE INDEX events_by_span ON events (trace_id, span_id);
CREATE INDEX events_by_name ON events (name, time_unix_nano);

-- Another span that belongs to this one without being its parent.
CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    linked_trace_id TEXT NOT NULL,
    linked_span_id TEXT NOT NULL,
    trace_state TEXT,
    attributes TEXT NOT NULL
);
CREATE INDEX links_by_span ON links (trace_id, span_id);
CREATE INDEX links_by_linked ON links (linked_trace_id, linked_span_id);

-- A span that is deleted takes with it what stands for it alone; events that are records of their own stay.
CREATE TRIGGER spans_deleted AFTER DELETE ON spans
BEGIN
    DELETE FROM events
    WHERE
        trace_id = old.trace_id AND span_id = old.span_id
        AND (is_on_span OR name = 'gen_ai.evaluation.result');
    DELETE FROM links WHERE trace_id = old.trace_id AND span_id = old.span_id;
END;
