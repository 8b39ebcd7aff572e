//! What is answered of runs, spans and what was said.

use serde_json::{Value as Json, json};
use tempfile::tempdir;

use crate::server::{Server, TRACE, fixture};

#[test]
fn a_run_is_listed_with_what_it_did_used_and_cost() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let answer = server.json("/api/runs");
    let run = &answer["runs"][0];
    assert_eq!(run["trace_id"], TRACE);
    assert_eq!(run["name"], "invoke_agent coder");
    assert_eq!(
        (&run["agents"], &run["models"]),
        (&json!(["coder"]), &json!(["gpt-4o-mini"]))
    );
    assert_eq!(run["tools"][2], json!({"name": "read_file", "calls": 1}));
    assert_eq!((&run["spans"], &run["errors"]), (&json!(14), &json!(1)));
    assert_eq!(
        (&run["input_tokens"], &run["output_tokens"]),
        (&json!(4600), &json!(125))
    );
    assert_eq!(
        (&run["cost"], &run["outcome"]),
        (&json!(0.000_582), &json!("ok"))
    );
    assert_eq!(
        (&run["service"], &run["session"]),
        (&json!("coder"), &Json::Null)
    );
    assert_eq!(answer["files"], json!(["traces.jsonl"]));
    assert_eq!(
        (&answer["loading"], &answer["bad_lines"]),
        (&json!(1.0), &json!(0))
    );
}

#[test]
fn a_span_that_stands_in_several_files_counts_once() {
    let folder = tempdir().unwrap();
    let lines = std::fs::read_to_string(fixture("run.jsonl")).unwrap();
    let lines: Vec<_> = lines.lines().collect();
    let (some, others) = lines.split_at(5);
    let file = |name: &str, lines: &[&str]| {
        std::fs::write(folder.path().join(name), lines.join("\n") + "\n").unwrap();
    };
    file("a.jsonl", &[some, some].concat());
    file("b.jsonl", &lines);
    file("c.jsonl", others);
    let server = Server::start(folder.path(), &["a.jsonl", "b.jsonl", "c.jsonl"]);
    let answer = server.until("/api/runs", |runs| runs["loading"] == 1.0);
    let run = &answer["runs"][0];
    assert_eq!((&run["spans"], &run["errors"]), (&json!(14), &json!(1)));
    assert_eq!(
        (&run["input_tokens"], &run["cost"]),
        (&json!(4600), &json!(0.000_582))
    );
    assert_eq!(run["tools"][2], json!({"name": "read_file", "calls": 1}));
    assert_eq!(answer["duplicate_spans"], 19);
    let trace = server.json(&format!("/api/runs/{TRACE}"));
    assert_eq!(trace["spans"].as_array().unwrap().len(), 14);
}

#[test]
fn a_span_that_has_only_begun_is_shown_and_counts_in_no_sum() {
    let folder = tempdir().unwrap();
    std::fs::copy(fixture("again.jsonl"), folder.path().join("traces.jsonl")).unwrap();
    let server = Server::start(folder.path(), &[]);
    let answer = server.until("/api/runs", |runs| runs["loading"] == 1.0);
    let run = &answer["runs"][0];
    assert_eq!(run["name"], "invoke_agent coder");
    assert_eq!((&run["spans"], &run["tools"]), (&json!(2), &json!([])));
    assert_eq!(answer["duplicate_spans"], 1);
}

#[test]
fn runs_are_found_by_what_they_are_and_a_wrong_question_says_why() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    for (question, matches) in [
        ("text=CODER", 1),
        ("text=5f4f0", 1),
        ("text=nothing", 0),
        // What was said, and not what a member is called.
        ("text=the%20LARGEST%20file", 1),
        ("text=span_id", 0),
        ("tool=search", 1),
        ("tool=rm", 0),
        ("model=gpt-4o-mini&errors=1", 1),
        ("agent=other", 0),
        ("min_cost=0.0005&max_cost=0.0006", 1),
        ("min_cost=0.0006", 0),
        ("min_ms=25&max_ms=26", 1),
        ("max_ms=1", 0),
        ("live=1", 0),
        ("since=2026-11-22T00:00&until=2026-11-23T00:00", 1),
        ("until=2026-01-01", 0),
        ("attribute=gen_ai.tool.name%3Dsearch", 1),
        (
            "attribute=gen_ai.usage.input_tokens=1200&attribute=service.name=coder",
            1,
        ),
        (
            "attribute=gen_ai.usage.input_tokens=1200&attribute=service.name=other",
            0,
        ),
        ("attribute=gen_ai.usage.input_tokens=120", 0),
        ("limit=0", 1),
    ] {
        let answer = server.json(&format!("/api/runs?{question}"));
        assert_eq!(answer["matches"], matches, "{question}");
        assert_eq!(answer["total"], 1);
    }
    assert_eq!(server.json("/api/runs?offset=1")["runs"], json!([]));
    let wrong = server.get("/api/runs?min_cost=much");
    assert_eq!(wrong.status, 400);
    assert_eq!(
        wrong.json(),
        json!({"error": "min_cost is \"much\": expected a number"})
    );
}

#[test]
fn a_run_has_its_spans_as_a_tree_and_what_held_it_up() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let run = server.json(&format!("/api/runs/{TRACE}"));
    let spans = run["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 14);
    assert_eq!(
        (&spans[0]["name"], &spans[0]["depth"]),
        (&json!("invoke_agent coder"), &json!(0))
    );
    assert_eq!(
        (&spans[0]["children"], &spans[0]["parent"]),
        (&json!(3), &Json::Null)
    );
    let failed = spans
        .iter()
        .find(|span| span["outcome"] == "error")
        .unwrap();
    assert_eq!(
        (&failed["operation"], &failed["subject"]),
        (&json!("execute_tool"), &json!("read_file"))
    );
    assert!(failed["message"].as_str().unwrap().contains("No such file"));
    assert!(
        run["critical"]
            .as_array()
            .unwrap()
            .contains(&spans[0]["id"])
    );
    assert_eq!(run["by_model"][0]["calls"], 3);
    assert_eq!(run["by_tool"][1]["errors"], 1);
    assert_eq!(run["tokens"]["cache_read"], 2432);
    let cost = &run["cost"];
    let classes = ["input", "cache_read", "cache_write", "output", "reasoning"];
    let sum: f64 = classes
        .iter()
        .map(|class| cost[*class].as_f64().unwrap())
        .sum();
    assert!(
        (sum - cost["total"].as_f64().unwrap()).abs() < 1e-6,
        "{cost}"
    );
    for (path, status) in [
        (format!("/api/runs/{}", "0".repeat(32)), 404),
        ("/api/runs/xyz".to_owned(), 400),
        (format!("/api/runs/{TRACE}/spans/0000000000000001"), 404),
        ("/api/nothing".to_owned(), 404),
    ] {
        let answer = server.get(&path);
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.json()["error"].is_string(), "{path}");
    }
}

#[test]
fn a_span_says_all_and_a_long_value_can_be_asked_for_whole() {
    let folder = tempdir().unwrap();
    let long = "é<script>".repeat(600_000);
    let line = json!({
        "trace_id": TRACE, "span_id": "00f067aa0ba902b7", "parent_span_id": null, "name": "chat m", "kind": "CLIENT",
        "start_unix_nano": 1, "end_unix_nano": 2, "status": "UNSET", "status_message": "",
        "attributes": {
            "gen_ai.prompt": long, "..": "small ..", ".": "small .", "a/b": "small a/b", "a%2Fb": "small a%2Fb",
            "?#&=+": "small ?#&=+",
        }, "events": [], "links": [], "resource": {},
    });
    std::fs::write(folder.path().join("traces.jsonl"), line.to_string() + "\n").unwrap();
    let server = Server::start(folder.path(), &[]);
    server.until("/api/runs", |runs| runs["total"] == 1);
    let span = format!("/api/runs/{TRACE}/spans/00f067aa0ba902b7");
    let detail = server.json(&span);
    assert_eq!(
        detail["cut"],
        json!([{"of": "attributes", "key": "gen_ai.prompt", "bytes": long.len()}])
    );
    let shown = detail["record"]["attributes"]["gen_ai.prompt"]
        .as_str()
        .unwrap();
    assert!(long.starts_with(shown) && shown.len() > 65_000 && shown.len() <= 65_536);
    assert_eq!(
        detail["conversation"]["messages"][0]["parts"][0]["cut"],
        long.len()
    );
    let value = |said: &str| server.get(&format!("{span}/value?{said}"));
    let whole = value("of=attributes&key=gen_ai.prompt");
    assert_eq!(whole.text(), long);
    assert_eq!(
        whole.header("content-type").unwrap(),
        "text/plain; charset=utf-8"
    );
    for (key, said) in [
        ("..", ".."),
        (".", "."),
        ("a/b", "a/b"),
        ("a%2Fb", "a%252Fb"),
        ("?#&=+", "%3F%23%26%3D%2B"),
    ] {
        let answer = value(&format!("of=attributes&key={said}"));
        assert_eq!(answer.text(), format!("small {key}"), "{key}");
    }
    assert_eq!(value("of=attributes&key=none").status, 404);
    assert_eq!(value("of=events.0&key=none").status, 404);
    for (said, why) in [
        ("key=none", "of is missing: expected where the value stands"),
        ("of=attributes", "key is missing: expected its name"),
        ("of=x&key=y", "of is \"x\": expected attributes, resource"),
    ] {
        let answer = value(said);
        let text = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && text.starts_with(why), "{text}");
    }
}

#[test]
fn the_conversation_of_a_run_has_each_message_once_with_tools_and_their_results() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let said = server.json(&format!("/api/runs/{TRACE}/conversation"));
    let roles: Vec<_> = said["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| said["role"].as_str().unwrap())
        .collect();
    assert_eq!(
        roles,
        [
            "user",
            "assistant",
            "tool",
            "tool",
            "assistant",
            "tool",
            "tool",
            "assistant"
        ]
    );
    assert_eq!(said["system"].as_array().unwrap().len(), 1);
    assert_eq!(said["tools"].as_array().unwrap().len(), 4);
    let call = &said["messages"][1]["parts"][1];
    assert_eq!(
        (&call["type"], &call["name"]),
        (&json!("tool_call"), &json!("search"))
    );
    assert_eq!(call["arguments"], json!({"pattern": "TODO"}));
    assert_eq!(call["result"]["occurrences"], 1);
    assert_eq!(call["span"], "a352972aac0b6058");
}

#[test]
fn two_runs_stand_side_by_side() {
    let folder = tempdir().unwrap();
    let server = Server::of_fixture(folder.path());
    let other = "4bf92f3577b34da6a3ce929d0e0e4736";
    let lines = crate::server::lines();
    let lines = lines
        .iter()
        .filter(|line| !line.contains("execute_tool search"));
    let text: String = lines
        .map(|line| {
            line.replace(TRACE, other)
                .replace("TODO stands", "It stands")
        })
        .collect();
    std::fs::write(folder.path().join("other.jsonl"), &text).unwrap();
    drop(server);
    let server = Server::start(folder.path(), &["traces.jsonl", "other.jsonl"]);
    server.until("/api/runs", |runs| runs["total"] == 2);
    let answer = server.json(&format!("/api/compare?a={TRACE}&b={other}"));
    assert_eq!(
        (&answer["a"]["trace_id"], &answer["b"]["trace_id"]),
        (&json!(TRACE), &json!(other))
    );
    let rows = answer["rows"].as_array().unwrap();
    let removed: Vec<_> = rows.iter().filter(|row| row["b"].is_null()).collect();
    assert_eq!(removed.len(), 1);
    assert_eq!(removed[0]["a"]["name"], "execute_tool search");
    assert!(rows.iter().any(|row| {
        row["changes"]
            .as_array()
            .unwrap()
            .contains(&json!("result"))
    }));
    assert_eq!(server.get(&format!("/api/compare?a={TRACE}")).status, 400);
}

#[test]
fn what_is_very_long_is_cut_everywhere_and_can_be_asked_for_alone() {
    let folder = tempdir().unwrap();
    let long = "é".repeat(100_000);
    let span = json!({
        "trace_id": TRACE, "span_id": "00f067aa0ba902b7", "parent_span_id": null, "name": long, "kind": "INTERNAL",
        "start_unix_nano": 1, "end_unix_nano": 2, "status": "ERROR", "status_message": long,
        "attributes": {
            "gen_ai.operation.name": "chat", "gen_ai.request.model": long, "gen_ai.conversation.id": long,
        },
        "events": [], "resource": {"service.name": long},
        "links": [{"trace_id": TRACE, "span_id": "00f067aa0ba902b8", "attributes": {"l": long}}],
        "scope": {"name": long, "version": null},
    });
    std::fs::write(folder.path().join("traces.jsonl"), format!("{span}\n")).unwrap();
    let server = Server::start(folder.path(), &[]);
    let runs = server.until("/api/runs", |runs| runs["total"] == 1);
    assert!(runs.to_string().len() < 5_000);
    assert!(runs["runs"][0]["name"].as_str().unwrap().ends_with("é…"));
    let path = format!("/api/runs/{TRACE}");
    let trace = server.json(&path);
    assert!(trace.to_string().len() < 20_000);
    assert_eq!(
        trace["spans"][0]["message"]
            .as_str()
            .unwrap()
            .chars()
            .count(),
        1_000
    );
    let path = format!("{path}/spans/00f067aa0ba902b7");
    let detail = server.json(&path);
    assert!(detail.to_string().len() < 8 * (64 << 10));
    let cut = detail["cut"].as_array().unwrap();
    for (of, key) in [
        ("record", "name"),
        ("record", "status_message"),
        ("resource", "service.name"),
        ("links.0", "l"),
        ("scope", "name"),
    ] {
        let said = json!({"of": of, "key": key, "bytes": 200_000});
        assert!(cut.contains(&said), "{of} {key}");
        let whole = server.get(&format!("{path}/value?of={of}&key={key}"));
        assert_eq!(whole.text(), long, "{of} {key}");
    }
}

/// A span of a trace, in a line.
fn line(trace: &str, span: &str, said: &str) -> String {
    let line = json!({
        "trace_id": trace, "span_id": span, "parent_span_id": null, "name": "step", "kind": "INTERNAL",
        "start_unix_nano": 1, "end_unix_nano": 2, "status": "UNSET", "status_message": "",
        "attributes": {"said": said}, "events": [], "links": [], "resource": {"service.name": "s"},
    });
    format!("{line}\n")
}

/// Two traces and three spans, two of which begin alike; the digits of one stand in ids of the others.
fn of_ids() -> (tempfile::TempDir, Server, [&'static str; 2]) {
    let folder = tempdir().unwrap();
    let ids = [
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "4bf92f3500000000000000001a2b3c4d",
    ];
    let text = line(ids[0], "1a2b3c4d00000001", "nothing")
        + &line(ids[0], "00f067aa0ba902b7", "an order 991a2b3c4d")
        + &line(ids[1], "00f067aa0ba902b8", "x4bf92f3577");
    std::fs::write(folder.path().join("traces.jsonl"), text).unwrap();
    let server = Server::start(folder.path(), &[]);
    server.until("/api/runs", |runs| runs["total"] == 2);
    (folder, server, ids)
}

#[test]
fn the_list_finds_a_trace_and_a_span_by_the_first_digits_and_by_no_others() {
    let (_folder, server, [one, other]) = of_ids();
    let found = |text: &str| {
        let answer = server.json(&format!("/api/runs?text={text}"));
        let runs = answer["runs"].as_array().unwrap().iter();
        let found = runs.map(|run| (run["trace_id"].clone(), run["span"].clone()));
        found.collect::<Vec<_>>()
    };
    assert_eq!(found("4BF92F3577"), [(json!(one), Json::Null)]);
    assert_eq!(found("4bf92f35").len(), 2);
    assert_eq!(found("1a2b3c4d"), [(json!(one), json!("1a2b3c4d00000001"))]);
    assert_eq!(
        found("00f067aa0ba902b8"),
        [(json!(other), json!("00f067aa0ba902b8"))]
    );
    assert_eq!(found("00f067aa").len(), 2);
    for text in ["0ba902b7", "77b34da6", "1a2b3c4e", "4bf92f357"] {
        let expected = usize::from(text == "4bf92f357");
        assert_eq!(found(text).len(), expected, "{text}");
    }
}

#[test]
fn the_first_digits_of_an_id_name_what_they_may_mean() {
    let (_folder, server, [one, other]) = of_ids();
    let meant = |digits: &str| server.json(&format!("/api/ids/{digits}"));
    let ids = |of: &Json, key: &str| -> Vec<Json> {
        let all = of.as_array().unwrap().iter();
        all.map(|one| one[key].clone()).collect()
    };
    let both = meant("4bf92f35");
    assert_eq!(ids(&both["traces"], "trace_id"), [other, one]);
    assert_eq!(
        (&both["all_traces"], &both["all_spans"]),
        (&json!(2), &json!(0))
    );
    let span = meant("1A2B");
    assert_eq!(
        span["spans"],
        json!([{"trace_id": one, "span_id": "1a2b3c4d00000001"}])
    );
    assert_eq!(meant("00f067aa")["all_spans"], 2);
    assert_eq!(meant("ffff")["all_traces"], 0);
    for wrong in ["4bf", "xyzw", "4bf92f3577b34da6a3ce929d0e0e47361"] {
        let answer = server.get(&format!("/api/ids/{wrong}"));
        assert_eq!(answer.status, 400);
        let why = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(
            why.starts_with(&format!("{wrong:?} is no beginning of an id")),
            "{why}"
        );
    }
    let none = "0".repeat(31) + "1";
    let compared = server.get(&format!("/api/compare?a={one}&b={none}"));
    assert_eq!(compared.status, 404);
    assert_eq!(
        compared.json(),
        json!({"error": format!("there is no trace {none}")})
    );
}
