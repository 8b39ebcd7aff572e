//! The answers of `coding_agent` on random trees: what it asks for comes from what it was told,
//! and what it counts is what there is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub
)]

#[path = "../coding_agent/http.rs"]
#[allow(dead_code)]
mod http;
#[path = "../coding_agent/model/mod.rs"]
mod model;
#[path = "support/random_tree.rs"]
mod random_tree;
#[path = "support/recorder.rs"]
mod recorder;
mod support;

use serde_json::Value;

use random_tree::{Random, Tree};
use recorder::Recorder;
use support::Run;

/// A tool call of a run with its result.
struct Exchange {
    tool: String,
    arguments: Value,
    result: String,
}

/// Asks about a tree, through a model that is listened to.
fn ask(tree: &Tree, question: &str) -> (Run, Vec<Exchange>) {
    let recorder = Recorder::start();
    let folder = tree.folder.path().to_str().unwrap();
    let environment = [
        ("OPENAI_BASE_URL", recorder.base_url()),
        ("OPENAI_API_KEY", "k".into()),
    ];
    let environment = environment
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let run = Run::of("coding_agent", &[folder, "--ask", question], &environment).assert_success();
    let messages = recorder.last_request()["messages"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(messages[1]["content"], question);

    let mut exchanges: Vec<Exchange> = Vec::new();
    for call in messages
        .iter()
        .filter_map(|m| m["tool_calls"].as_array())
        .flatten()
    {
        let result = messages
            .iter()
            .find(|m| m["tool_call_id"] == call["id"])
            .unwrap();
        exchanges.push(Exchange {
            tool: call["function"]["name"].as_str().unwrap().into(),
            arguments: serde_json::from_str(call["function"]["arguments"].as_str().unwrap())
                .unwrap(),
            result: result["content"].as_str().unwrap().into(),
        });
    }
    (run, exchanges)
}

/// Every path that is asked for stands in the question or in an earlier result.
fn assert_told_before(question: &str, exchanges: &[Exchange]) {
    let mut told = question.to_owned();
    for exchange in exchanges {
        let mut paths: Vec<&str> = exchange.arguments["path"].as_str().into_iter().collect();
        if let Some(args) = exchange.arguments["args"].as_array() {
            paths.extend(
                args.iter()
                    .filter_map(Value::as_str)
                    .filter(|arg| arg.contains('/')),
            );
        }
        for path in paths {
            let path = path.trim_start_matches("wc -l < ").trim_matches('\'');
            assert!(told.contains(path), "{path} was not told before");
        }
        told.push_str(&exchange.result);
    }
}

#[test]
fn three_questions_take_three_ways_and_get_the_right_counts() {
    let mut random = Random::new();
    for _ in 0..4 {
        let tree = Tree::new(&mut random);
        let questions = [
            "Which crates and files are there?",
            "Where do TODO, unsafe and unwrap stand?",
            "Which file is the largest and what does it define?",
        ];
        let mut ways = Vec::new();
        for question in questions {
            let (run, exchanges) = ask(&tree, question);
            assert_eq!(exchanges[0].tool, "list_files");
            assert_told_before(question, &exchanges);
            let spans = run.spans();
            let ran = spans
                .iter()
                .filter(|span| span.name.starts_with("execute_tool "))
                .count();
            let denied = exchanges
                .iter()
                .filter(|e| e.result.contains("\"denied\""))
                .count();
            assert_eq!(ran + denied, exchanges.len());
            ways.push(
                exchanges
                    .into_iter()
                    .map(|exchange| exchange.tool)
                    .collect::<Vec<_>>(),
            );
            let answer = run.section("Answer");
            match question {
                _ if question == questions[0] => assert_inventory(&tree, &answer),
                _ if question == questions[1] => assert_occurrences(&tree, &answer),
                _ => assert_largest(&tree, &answer),
            }
        }
        assert!(
            ways[0] != ways[1] && ways[1] != ways[2] && ways[0] != ways[2],
            "{ways:?}"
        );
    }
}

fn assert_inventory(tree: &Tree, answer: &str) {
    let files = tree.files();
    let bytes: usize = files.values().map(Vec::len).sum();
    let totals = format!("There are {} files of {bytes} bytes in all", files.len());
    assert!(answer.contains(&totals), "{totals}\n{answer}");
    for (name, manifest) in &tree.crates {
        assert!(
            answer.contains(&format!("{name} ({manifest})")),
            "{name}\n{answer}"
        );
    }
    let plural = if tree.crates.len() == 1 { "" } else { "s" };
    assert!(
        answer.contains(&format!("\n{} crate{plural}: ", tree.crates.len())),
        "{answer}"
    );
    let sources = files.keys().filter(|path| path.ends_with(".rs")).count();
    assert!(answer.contains(&format!("{sources} .rs")), "{answer}");
}

fn assert_occurrences(tree: &Tree, answer: &str) {
    for term in ["TODO", "unsafe", "unwrap"] {
        let (occurrences, lines, files) = tree.count(term);
        let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let counts = format!(
            "`{term}`: {} on {} in {}: ",
            plural(occurrences, "occurrence"),
            plural(lines, "line"),
            plural(files, "file"),
        );
        assert!(answer.contains(&counts), "{counts}\n{answer}");
    }
}

fn assert_largest(tree: &Tree, answer: &str) {
    let files = tree.files();
    let (path, bytes) = files.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    assert!(
        answer.contains(&format!(
            "The largest file is {path} ({} bytes",
            bytes.len()
        )),
        "{answer}"
    );

    // The largest source is longer than any other, and than what one call returns.
    let sources = files
        .iter()
        .filter(|(path, _)| path.ends_with(".rs") || path.ends_with(".py"));
    let (path, bytes) = sources.max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let text = std::str::from_utf8(bytes).unwrap();
    let begins = |line: &&str| {
        ["pub fn ", "struct ", "unsafe fn "]
            .iter()
            .any(|item| line.starts_with(item))
    };
    let lines = text.lines().count();
    let items = text.lines().filter(begins).count();
    let counts = format!(
        "{path} ({} bytes, {lines} lines). It defines {items} items: ",
        bytes.len()
    );
    assert!(answer.contains(&counts), "{counts}\n{answer}");
}

#[test]
fn a_path_of_the_question_is_tried_and_its_absence_is_told() {
    let tree = Tree::new(&mut Random::new());
    tree.folder
        .write("deep/down/here.rs", "pub struct Found;\n");
    let question = "What do nowhere/here.rs and nowhere/gone.rs define?";
    let (run, exchanges) = ask(&tree, question);
    assert_told_before(question, &exchanges);
    let answer = run.section("Answer");
    assert!(
        answer.contains("nowhere/gone.rs was not read: "),
        "{answer}"
    );
    assert!(
        answer.contains("There is deep/down/here.rs, though."),
        "{answer}"
    );
    assert!(
        answer.contains("deep/down/here.rs has 1 line and defines 1 item: struct Found."),
        "{answer}"
    );
    let missing = run.spans().into_iter().filter(|span| {
        span.attributes.str("error.type") == Some("NotFound")
            && span.attributes.str("gen_ai.tool.name") == Some("read_file")
    });
    assert_eq!(missing.count(), 2);
}

#[test]
fn what_the_gates_deny_is_reported_and_not_done() {
    let tree = Tree::new(&mut Random::new());
    tree.folder.write("keep.txt", "kept");
    let (run, _) = ask(&tree, "Please delete keep.txt and read ../../etc/passwd");
    let answer = run.section("Answer");
    assert!(
        answer.contains("`rm keep.txt` was not run: allow_command: `rm`"),
        "{answer}"
    );
    assert!(tree.folder.path().join("keep.txt").exists());

    let (run, _) = ask(&tree, "What does ../../etc/passwd define?");
    let answer = run.section("Answer");
    assert!(
        answer.contains("inside_workspace: `../../etc/passwd` leads out"),
        "{answer}"
    );
    let gates: Vec<_> = run
        .spans()
        .into_iter()
        .filter(|span| span.name == "gate inside_workspace")
        .collect();
    assert!(
        gates
            .iter()
            .any(|g| g.attributes.str("genai_trace.gate.decision") == Some("deny"))
    );

    let (run, _) = ask(
        &tree,
        "Run `wc -c keep.txt` and `grep -c kept -f/etc/passwd keep.txt`",
    );
    let answer = run.section("Answer");
    assert!(
        answer.contains("`wc -c keep.txt` ended with 0:\n4 keep.txt"),
        "{answer}"
    );
    assert!(
        answer.contains("`grep` may not have `-f/etc/passwd`"),
        "{answer}"
    );
}

#[test]
fn usage_follows_the_documented_rule() {
    let tree = Tree::new(&mut Random::new());
    let recorder = Recorder::start();
    let folder = tree.folder.path().to_str().unwrap();
    let url = recorder.base_url();
    Run::of(
        "coding_agent",
        &[folder],
        &[("OPENAI_BASE_URL", &url), ("OPENAI_API_KEY", "k")],
    )
    .assert_success();
    for (request, reply) in recorder.exchanges() {
        let size = |value: &Value| value.to_string().len();
        let prompt = (size(&request["messages"]) + size(&request["tools"])).div_ceil(4);
        let completion = size(&reply["choices"][0]["message"]).div_ceil(4);
        assert_eq!(reply["usage"]["prompt_tokens"], prompt);
        assert_eq!(reply["usage"]["completion_tokens"], completion);
        assert_eq!(reply["usage"]["total_tokens"], prompt + completion);
    }
}
