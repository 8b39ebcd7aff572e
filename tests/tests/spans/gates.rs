//! What a gate records.

use std::io;

use genai_trace::{GateDecision, GateOutcome, Status, genai_gate};
use genai_trace_tests::recorded;

#[test]
fn a_gate_records_its_decision_and_a_denial_is_no_error() {
    #[genai_gate("allow_command")]
    fn decide(command: &str) -> GateDecision {
        match command {
            "ls" => GateDecision::Allow,
            "git push" => GateDecision::Ask("it leaves the machine".to_owned()),
            _ => GateDecision::Deny("not on the list".to_owned()),
        }
    }
    #[genai_gate]
    fn small(size: usize) -> bool {
        size < 10
    }
    #[genai_gate("checked")]
    fn checked() -> Result<Verdict, io::Error> {
        Ok(Verdict)
    }
    struct Verdict;
    impl GateOutcome for Verdict {
        fn decision(&self) -> Option<GateDecision> {
            Some(GateDecision::Allow)
        }
    }
    let recorded = recorded(|| {
        assert!(!decide("rm -rf /").is_allowed());
        assert!(!decide("git push").is_allowed());
        assert!(small(3));
        assert!(checked().is_ok());
    });
    let said = |span: &genai_trace::SpanRecord| {
        (
            span.status,
            span.attributes
                .str("genai_trace.gate.decision")
                .map(str::to_owned),
            span.attributes
                .str("genai_trace.gate.reason")
                .map(str::to_owned),
        )
    };
    let all: Vec<_> = recorded
        .spans
        .iter()
        .map(|span| (span.name.as_str(), said(span)))
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        all,
        [
            (
                "gate allow_command",
                (Status::Unset, some("deny"), some("not on the list"))
            ),
            (
                "gate allow_command",
                (Status::Unset, some("ask"), some("it leaves the machine"))
            ),
            ("gate small", (Status::Unset, some("allow"), None)),
            ("gate checked", (Status::Unset, some("allow"), None)),
        ]
    );
    assert_eq!(
        recorded
            .metric(r#"genai_trace_gate_decisions_total{decision="deny",gate="allow_command"}"#),
        Some(1.0)
    );
}
