-- The tables of a store as files are read into them: what is read off other columns there is a column of its own here.
CREATE TABLE spans (
    trace_id TEXT,
    span_id TEXT,
    parent_span_id TEXT,
    name TEXT,
    kind TEXT,
    start_unix_nano INTEGER,
    end_unix_nano INTEGER,
    status TEXT,
    status_message TEXT,
    attributes TEXT,
    resource TEXT,
    trace_state TEXT,
    flags INTEGER,
    scope TEXT,
    dropped TEXT,
    duration_ns INTEGER,
    duration_ms REAL,
    operation TEXT,
    agent TEXT,
    tool TEXT,
    provider TEXT,
    model TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cost_usd REAL,
    conversation TEXT,
    error_type TEXT
);

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    trace_id TEXT,
    span_id TEXT,
    name TEXT,
    time_unix_nano INTEGER,
    severity_number INTEGER,
    attributes TEXT,
    resource TEXT,
    is_on_span INTEGER
);

CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    trace_id TEXT,
    span_id TEXT,
    linked_trace_id TEXT,
    linked_span_id TEXT,
    trace_state TEXT,
    attributes TEXT
);
