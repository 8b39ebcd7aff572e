-- Spans under the name that documents use.
CREATE VIEW traces AS SELECT * FROM spans;

-- The results of evaluations, and what users thought of answers.
CREATE VIEW scores AS
SELECT
    trace_id,
    span_id,
    time_unix_nano,
    attributes ->> '$."gen_ai.evaluation.name"' AS name,
    attributes ->> '$."gen_ai.evaluation.score.value"' AS value,
    attributes ->> '$."gen_ai.evaluation.score.label"' AS label,
    attributes ->> '$."gen_ai.evaluation.explanation"' AS explanation,
    attributes ->> '$."gen_ai.response.id"' AS response_id,
    attributes ->> '$."error.type"' AS error_type
FROM events
WHERE name = 'gen_ai.evaluation.result';

-- A row for each trace with an agent, a model call or a tool in it: what was asked and answered, by which model, with how many tokens and which tools. What was said
-- is there where content was captured; of several models or providers the word is `mixed`.
CREATE VIEW observation_log AS
SELECT
    run.trace_id,
    (
        SELECT CASE WHEN json_valid(said.messages) THEN (
            SELECT part.value
            FROM
                json_each(said.messages) AS message,
                json_tree(said.messages, message.fullkey) AS part
            WHERE
                json_extract(said.messages, message.fullkey || '.role') = 'user'
                AND part.key IN ('content', 'text')
                AND part.type = 'text'
            ORDER BY message.id DESC, part.id
            LIMIT 1
        ) ELSE said.messages END
        FROM (
            SELECT attributes ->> '$."gen_ai.input.messages"' AS messages, start_unix_nano AS at
            FROM spans
            WHERE trace_id = run.trace_id AND attributes ->> '$."gen_ai.input.messages"' IS NOT NULL
            UNION ALL
            SELECT attributes ->> '$."gen_ai.input.messages"', time_unix_nano
            FROM events
            WHERE trace_id = run.trace_id AND attributes ->> '$."gen_ai.input.messages"' IS NOT NULL
            ORDER BY at
            LIMIT 1
        ) AS said
    ) AS user_message,
    (
        SELECT CASE WHEN json_valid(said.messages) THEN (
            SELECT part.value
            FROM
                json_each(said.messages) AS message,
                json_tree(said.messages, message.fullkey) AS part
            WHERE part.key IN ('content', 'text') AND part.type = 'text'
            ORDER BY message.id DESC, part.id
            LIMIT 1
        ) ELSE said.messages END
        FROM (
            SELECT attributes ->> '$."gen_ai.output.messages"' AS messages, end_unix_nano AS at
            FROM spans
            WHERE trace_id = run.trace_id AND attributes ->> '$."gen_ai.output.messages"' IS NOT NULL
            UNION ALL
            SELECT attributes ->> '$."gen_ai.output.messages"', time_unix_nano
            FROM events
            WHERE trace_id = run.trace_id AND attributes ->> '$."gen_ai.output.messages"' IS NOT NULL
            ORDER BY at DESC
            LIMIT 1
        ) AS said
    ) AS agent_response,
    run.model,
    run.provider,
    run.prompt_tokens,
    run.completion_tokens,
    run.prompt_tokens + run.completion_tokens AS total_tokens,
    run.latency_ms,
    (
        SELECT json_group_array(json_object('name', name, 'input', input, 'output', output, 'latency_ms', latency_ms))
        FROM (
            SELECT
                coalesce(tool, name) AS name,
                coalesce(
                    attributes ->> '$."gen_ai.tool.call.arguments"', attributes ->> '$."tool.input"',
                    attributes ->> '$."tool.arguments"') AS input,
                coalesce(
                    attributes ->> '$."gen_ai.tool.call.result"', attributes ->> '$."tool.output"',
                    attributes ->> '$."tool.result"') AS output,
                duration_ms AS latency_ms
            FROM spans
            WHERE
                trace_id = run.trace_id
                AND (operation = 'execute_tool' OR (operation IS NULL AND tool IS NOT NULL))
                -- A gate says which tool it was asked for.
                AND attributes ->> '$."genai_trace.gate.decision"' IS NULL
            ORDER BY start_unix_nano
        )
    ) AS tool_calls
FROM (
    SELECT
        trace_id,
        CASE count(DISTINCT model) FILTER (WHERE is_call)
            WHEN 0 THEN NULL
            WHEN 1 THEN max(model) FILTER (WHERE is_call)
            ELSE 'mixed'
        END AS model,
        CASE count(DISTINCT provider) FILTER (WHERE is_call)
            WHEN 0 THEN NULL
            WHEN 1 THEN max(provider) FILTER (WHERE is_call)
            ELSE 'mixed'
        END AS provider,
        sum(input_tokens) FILTER (WHERE is_call) AS prompt_tokens,
        sum(output_tokens) FILTER (WHERE is_call) AS completion_tokens,
        (max(end_unix_nano) - min(start_unix_nano)) / 1e6 AS latency_ms
    FROM (
        SELECT
            *,
            coalesce(
                operation IN ('chat', 'text_completion', 'generate_content', 'embeddings'),
                input_tokens IS NOT NULL) AS is_call
        FROM spans
    )
    GROUP BY trace_id
    HAVING max(is_call OR tool IS NOT NULL OR coalesce(operation = 'invoke_agent', 0))
) AS run;
