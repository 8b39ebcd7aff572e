//! Random programs run twice: as they are, and with every span asked for as soon as it has begun, which
//! puts it on the long way. What is recorded, shown as open and counted is the same.

mod program;
mod result;

use genai_trace::Operation;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use program::{Exit, Kind, Step, Steps};
use result::result_of;

fn steps() -> impl Strategy<Value = Steps> {
    let kind = prop_oneof![
        4 => Just(Kind::Tool),
        1 => Just(Kind::BareTool),
        2 => Just(Kind::Step),
        1 => Just(Kind::Agent),
        1 => Just(Kind::Chat),
    ];
    let exit = prop_oneof![
        8 => Just(Exit::Return),
        1 => Just(Exit::Fail),
        1 => Just(Exit::Panic),
    ];
    let any = any::<Index>;
    let leaf = prop_oneof![
        4 => any().prop_map(Step::Poll),
        1 => any().prop_map(Step::PollElsewhere),
        1 => any().prop_map(Step::Drop),
        1 => prop_oneof![Just(Operation::Tool), Just(Operation::Agent)].prop_map(Step::Enter),
        2 => any().prop_map(Step::Leave),
        1 => Just(Step::Open),
        1 => any().prop_map(Step::End),
        1 => Just(Step::Record),
        1 => Just(Step::Keep),
        1 => any().prop_map(Step::SetThrough),
        1 => Just(Step::Look),
    ];
    let step = leaf.prop_recursive(6, 80, 5, move |below| {
        let steps = || vec(below.clone(), 0..5);
        let made = (exit.clone(), vec(steps(), 0..3));
        prop_oneof![
            16 => (kind.clone(), exit.clone(), steps())
                .prop_map(|(kind, exit, steps)| Step::Call(kind, exit, steps)),
            1 => (steps(), steps()).prop_map(|(late, steps)| Step::CallWith(late, steps)),
            4 => made.prop_map(|(exit, pieces)| Step::Make(exit, pieces)),
            1 => (any(), steps()).prop_map(|(index, steps)| Step::RunOpen(index, steps)),
            1 => (any(), steps()).prop_map(|(index, steps)| Step::RunThrough(index, steps)),
            1 => steps().prop_map(Step::OnAThread),
            1 => steps().prop_map(Step::CarriedToAThread),
            1 => steps().prop_map(Step::Captured),
            1 => steps().prop_map(Step::SampledOut),
        ]
    });
    vec(step, 1..6)
}

fn compare(mut runner: TestRunner) {
    let compared = runner.run(&steps(), |steps| {
        let (short, long) = (result_of(&steps, false), result_of(&steps, true));
        let only = |of: &[String], other: &[String]| {
            let only = of.iter().filter(|line| !other.contains(line));
            only.cloned().collect::<Vec<_>>()
        };
        prop_assert!(
            short == long,
            "only on the short way: {:#?}, only on the long way: {:#?}",
            only(&short, &long),
            only(&long, &short)
        );
        Ok(())
    });
    if let Err(differs) = compared {
        panic!("{differs}");
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn programs_that_are_always_the_same_leave_the_same_on_either_way() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    compare(TestRunner::new_with_rng(config(), rng));
}

#[test]
fn programs_that_were_never_seen_before_leave_the_same_on_either_way() {
    compare(TestRunner::new(config()));
}
