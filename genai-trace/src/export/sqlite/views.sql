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

-- A row for each run: the request that a server answered, else the work of an agent or of a workflow that no other had
-- asked for, else what began in this store (a span whose parent is not here). So two requests, or two turns, that share a
-- trace are two rows, and each span counts in one. A run is a row where an agent, a model call or a tool is in it: what was
-- asked and answered, by which model, with how many tokens and which tools. What was said is there where content was
-- captured: the texts of a message, each on lines of its own, and nothing of what a model thought, of files or of calls of
-- tools. Of several models or providers the word is `mixed`; embeddings are no call here, and their tokens no prompt's.
CREATE VIEW observation_log AS
SELECT
    trace_id,
    talk ->> 0 AS user_message,
    talk ->> 1 AS agent_response,
    model,
    provider,
    prompt_tokens,
    completion_tokens,
    coalesce(prompt_tokens + completion_tokens, prompt_tokens, completion_tokens) AS total_tokens,
    latency_ms,
    tool_calls,
    span_id
FROM (
    SELECT
        run.trace_id,
        run.span_id,
        run.model,
        run.provider,
        -- A sum of integers that is too large for one would be an error, of this row and of sums over rows: so what nobody
        -- ever used is a float.
        iif(run.prompt_tokens < 1 << 53, CAST(run.prompt_tokens AS INTEGER), run.prompt_tokens) AS prompt_tokens,
        iif(run.completion_tokens < 1 << 53, CAST(run.completion_tokens AS INTEGER), run.completion_tokens)
            AS completion_tokens,
        (
            SELECT duration_ms
            FROM spans
            WHERE trace_id = run.trace_id AND span_id = run.span_id
        ) AS latency_ms,
        (
            SELECT json_group_array(json_object('name', name, 'input', input, 'output', output, 'latency_ms', latency_ms))
            FROM (
                SELECT
                    coalesce(span.tool, span.name) AS name,
                    coalesce(
                        span.attributes ->> '$."gen_ai.tool.call.arguments"', span.attributes ->> '$."tool.input"',
                        span.attributes ->> '$."tool.arguments"') AS input,
                    coalesce(
                        span.attributes ->> '$."gen_ai.tool.call.result"', span.attributes ->> '$."tool.output"',
                        span.attributes ->> '$."tool.result"') AS output,
                    span.duration_ms AS latency_ms
                FROM json_each(run.members) AS member
                CROSS JOIN spans AS span
                WHERE
                    span.trace_id = run.trace_id AND span.span_id = member.value ->> '$.span'
                    AND (span.operation = 'execute_tool' OR (span.operation IS NULL AND span.tool IS NOT NULL))
                    -- A gate says which tool it was asked for.
                    AND span.attributes ->> '$."genai_trace.gate.decision"' IS NULL
                ORDER BY span.start_unix_nano
            )
        ) AS tool_calls,
        -- The first question, and the last answer in the same conversation: what an agent asked others on the way, and a
        -- call that only finds a title, is neither.
        (
            SELECT json_array(question, answered)
            FROM (
                SELECT
                    *,
                    first_value(asked) OVER (ORDER BY asked IS NULL, agents = 0, agents, started) AS question
                FROM (
                    SELECT
                        said.agents,
                        said.started,
                        said.ended,
                        (
                            SELECT text
                            FROM (
                                SELECT
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
                                    -- What is no JSON, or was cut off, stands as it is.
                                    json_each(iif(
                                        json_valid(said.input), said.input,
                                        json_array(json_object('role', 'user', 'content', said.input)))) AS message
                            )
                            WHERE role = 'user' AND text IS NOT NULL
                            ORDER BY id DESC
                            LIMIT 1
                        ) AS asked,
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
                                    json_each(iif(
                                        json_valid(said.output), said.output,
                                        json_array(json_object('content', said.output)))) AS message
                            )
                            WHERE text IS NOT NULL
                            ORDER BY id DESC
                            LIMIT 1
                        ) AS answered
                    FROM (
                        SELECT
                            member.value ->> '$.agents' AS agents,
                            span.start_unix_nano AS started,
                            span.end_unix_nano AS ended,
                            span.attributes ->> '$."gen_ai.input.messages"' AS input,
                            span.attributes ->> '$."gen_ai.output.messages"' AS output
                        FROM json_each(run.members) AS member
                        CROSS JOIN spans AS span
                        WHERE span.trace_id = run.trace_id AND span.span_id = member.value ->> '$.span'
                        UNION ALL
                        SELECT
                            member.value ->> '$.agents',
                            event.time_unix_nano,
                            event.time_unix_nano,
                            event.attributes ->> '$."gen_ai.input.messages"',
                            event.attributes ->> '$."gen_ai.output.messages"'
                        FROM json_each(run.members) AS member
                        CROSS JOIN events AS event
                        WHERE event.trace_id = run.trace_id AND event.span_id = member.value ->> '$.span'
                    ) AS said
                    WHERE said.input IS NOT NULL OR said.output IS NOT NULL
                )
            )
            ORDER BY answered IS NULL, asked IS NOT NULL AND asked <> question, agents = 0, agents, ended DESC
            LIMIT 1
        ) AS talk
    FROM (
        SELECT
            trace_id,
            place ->> '$.run' AS span_id,
            json_group_array(json_object('span', span_id, 'agents', place ->> '$.agents')) AS members,
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
            iif(
                count(input_tokens) FILTER (WHERE is_call), total(input_tokens) FILTER (WHERE is_call),
                max(input_tokens) FILTER (WHERE is_agent) * 1.0) AS prompt_tokens,
            iif(
                count(output_tokens) FILTER (WHERE is_call), total(output_tokens) FILTER (WHERE is_call),
                max(output_tokens) FILTER (WHERE is_agent) * 1.0) AS completion_tokens
        FROM (
            SELECT
                span.trace_id,
                span.span_id,
                span.model,
                span.provider,
                span.input_tokens,
                span.output_tokens,
                coalesce(
                    span.operation IN ('chat', 'text_completion', 'generate_content'),
                    span.input_tokens IS NOT NULL) AS is_call,
                coalesce(span.operation = 'invoke_agent', 0) AS is_agent,
                -- The run that a span belongs to, and how many agents are on the way there.
                (
                    WITH RECURSIVE way(span_id, parent, is_entry, height, agents) AS (
                        SELECT
                            span.span_id,
                            span.parent_span_id,
                            span.kind IN ('SERVER', 'CONSUMER')
                                OR coalesce(span.operation IN ('invoke_agent', 'invoke_workflow'), 0),
                            0,
                            coalesce(span.operation = 'invoke_agent', 0)
                        UNION ALL
                        SELECT
                            above.span_id,
                            above.parent_span_id,
                            above.kind IN ('SERVER', 'CONSUMER')
                                OR coalesce(above.operation IN ('invoke_agent', 'invoke_workflow'), 0),
                            way.height + 1,
                            way.agents + coalesce(above.operation = 'invoke_agent', 0)
                        FROM way
                        CROSS JOIN spans AS above
                        -- Odd files have spans that are above themselves.
                        WHERE above.trace_id = span.trace_id AND above.span_id = way.parent AND way.height < 1000
                    )
                    SELECT json_object('run', span_id, 'agents', agents)
                    FROM way
                    ORDER BY is_entry DESC, height DESC
                    LIMIT 1
                ) AS place
            FROM spans AS span
            WHERE
                span.tool IS NOT NULL
                OR coalesce(
                    span.operation IN ('chat', 'text_completion', 'generate_content', 'invoke_agent'),
                    span.input_tokens IS NOT NULL)
        )
        GROUP BY trace_id, place ->> '$.run'
    ) AS run
);
