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

-- A row for each trace with an agent, a model call or a tool in it: what was asked and answered, by which model, with how
-- many tokens and which tools. What was said is there where content was captured: the texts of a message, each on lines of
-- its own, and nothing of what a model thought, of files or of calls of tools. Of several models or providers the word is
-- `mixed`.
CREATE VIEW observation_log AS
SELECT
    run.trace_id,
    -- The last that a user said to the first call to which a user said something.
    (
        SELECT text
        FROM (
            SELECT
                said.at,
                message.id,
                iif(message.type = 'object', message.value, '{}') ->> '$.role' AS role,
                CASE
                    WHEN message.type <> 'object' THEN NULL
                    WHEN json_type(message.value, '$.content') = 'text' THEN message.value ->> '$.content'
                    ELSE (
                        SELECT group_concat(coalesce(part.value ->> '$.content', part.value ->> '$.text'), char(10))
                        FROM json_each(
                            message.value,
                            iif(json_type(message.value, '$.content') = 'array', '$.content', '$.parts')) AS part
                        WHERE CASE WHEN part.type = 'object' THEN part.value ->> '$.type' = 'text' END
                    )
                END AS text
            FROM
                (
                    SELECT attributes ->> '$."gen_ai.input.messages"' AS messages, start_unix_nano AS at
                    FROM spans
                    WHERE trace_id = run.trace_id
                    UNION ALL
                    SELECT attributes ->> '$."gen_ai.input.messages"', time_unix_nano
                    FROM events
                    WHERE trace_id = run.trace_id
                ) AS said,
                -- What is no JSON, or was cut off, stands as it is.
                json_each(iif(
                    json_valid(said.messages), said.messages,
                    json_array(json_object('role', 'user', 'content', said.messages)))) AS message
            WHERE said.messages IS NOT NULL
        )
        WHERE role = 'user' AND text IS NOT NULL
        ORDER BY at, id DESC
        LIMIT 1
    ) AS user_message,
    (
        SELECT text
        FROM (
            SELECT
                message.id,
                CASE
                    WHEN message.type <> 'object' THEN NULL
                    WHEN json_type(message.value, '$.content') = 'text' THEN message.value ->> '$.content'
                    ELSE (
                        SELECT group_concat(coalesce(part.value ->> '$.content', part.value ->> '$.text'), char(10))
                        FROM json_each(
                            message.value,
                            iif(json_type(message.value, '$.content') = 'array', '$.content', '$.parts')) AS part
                        WHERE CASE WHEN part.type = 'object' THEN part.value ->> '$.type' = 'text' END
                    )
                END AS text
            FROM
                (
                    SELECT attributes ->> '$."gen_ai.output.messages"' AS messages, end_unix_nano AS at
                    FROM spans
                    WHERE trace_id = run.trace_id AND attributes ->> '$."gen_ai.output.messages"' IS NOT NULL
                    UNION ALL
                    SELECT attributes ->> '$."gen_ai.output.messages"', time_unix_nano
                    FROM events
                    WHERE trace_id = run.trace_id AND attributes ->> '$."gen_ai.output.messages"' IS NOT NULL
                    ORDER BY at DESC
                    LIMIT 1
                ) AS said,
                json_each(iif(
                    json_valid(said.messages), said.messages,
                    json_array(json_object('content', said.messages)))) AS message
        )
        WHERE text IS NOT NULL
        ORDER BY id DESC
        LIMIT 1
    ) AS agent_response,
    run.model,
    run.provider,
    run.prompt_tokens,
    run.completion_tokens,
    coalesce(run.prompt_tokens + run.completion_tokens, run.prompt_tokens, run.completion_tokens) AS total_tokens,
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
            WHEN 0 THEN CASE count(DISTINCT model) FILTER (WHERE is_agent)
                WHEN 0 THEN NULL
                WHEN 1 THEN max(model) FILTER (WHERE is_agent)
                ELSE 'mixed'
            END
            WHEN 1 THEN max(model) FILTER (WHERE is_call)
            ELSE 'mixed'
        END AS model,
        CASE count(DISTINCT provider) FILTER (WHERE is_call)
            WHEN 0 THEN CASE count(DISTINCT provider) FILTER (WHERE is_agent)
                WHEN 0 THEN NULL
                WHEN 1 THEN max(provider) FILTER (WHERE is_agent)
                ELSE 'mixed'
            END
            WHEN 1 THEN max(provider) FILTER (WHERE is_call)
            ELSE 'mixed'
        END AS provider,
        -- Where only agents say it: an agent's number has those of the agents it asked.
        coalesce(
            sum(input_tokens) FILTER (WHERE is_call), max(input_tokens) FILTER (WHERE is_agent)) AS prompt_tokens,
        coalesce(
            sum(output_tokens) FILTER (WHERE is_call), max(output_tokens) FILTER (WHERE is_agent)) AS completion_tokens,
        (max(end_unix_nano) - min(start_unix_nano)) / 1e6 AS latency_ms
    FROM (
        SELECT
            *,
            coalesce(
                operation IN ('chat', 'text_completion', 'generate_content', 'embeddings'),
                input_tokens IS NOT NULL) AS is_call,
            coalesce(operation = 'invoke_agent', 0) AS is_agent
        FROM spans
    )
    GROUP BY trace_id
    HAVING max(is_call OR tool IS NOT NULL OR is_agent)
) AS run;
