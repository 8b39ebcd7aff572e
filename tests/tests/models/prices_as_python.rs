//! Costs equal those of the Python package `genai-prices`: `.ci/prices` makes random calls with their costs.

use std::time::{Duration, UNIX_EPOCH};

use genai_trace::prices::{self, Call, Cost, Prices};
use genai_trace::provider::{ByModality, Usage};
use serde_json::Value;

/// Names the file that `.ci/prices` has made.
const CALLS: &str = "GENAI_PRICES_CALLS";

#[test]
fn five_hundred_random_calls_cost_what_python_says() {
    let Some(path) = std::env::var_os(CALLS) else {
        println!("skipped: {CALLS} is not set, `.ci/prices` sets it");
        return;
    };
    let text = std::fs::read_to_string(path).expect("the calls");
    let prices = Prices::builtin();
    let (mut equal, mut free, mut without_price) = (0, 0, 0);
    for line in text.lines() {
        let call: Value = serde_json::from_str(line).expect("a call");
        let cost = cost(&prices, &call);
        match (call["usd"].as_str(), cost.usd()) {
            // Python says 0 where there is no price for tokens: ours is unknown then.
            (None, None) => without_price += 1,
            (None, Some(_)) if cost == Cost::Free => free += 1,
            (Some(theirs), Some(ours)) => {
                let theirs: f64 = theirs.parse().expect("a decimal");
                let apart = (ours - theirs).abs();
                assert!(apart <= 1e-9 * theirs, "{ours} for {theirs}: {line}");
                equal += 1;
            }
            _ => panic!("{cost}: {line}"),
        }
    }
    println!(
        "data of {}: {equal} costs are equal, {free} models are free, {without_price} have no price for tokens",
        prices::data_date().unwrap_or("no day"),
    );
    assert_eq!(equal + free + without_price, 500);
}

fn cost(prices: &Prices, call: &Value) -> Cost {
    let count = |key: &str| call["usage"][key].as_u64();
    let by = |audio, image| ByModality {
        audio: count(audio),
        image: count(image),
        ..ByModality::default()
    };
    let usage = Usage {
        input: count("input"),
        output: count("output"),
        cache_read: count("cache_read"),
        cache_write: count("cache_write"),
        cache_write_1h: count("cache_write_1h"),
        reasoning: count("reasoning"),
        input_by: by("input_audio", "input_image"),
        output_by: by("output_audio", "output_image"),
        cache_read_by: by("cache_read_audio", "cache_read_image"),
    };
    let text = |key: &str| call[key].as_str().unwrap_or_default();
    let seconds = Duration::from_secs(call["at"].as_u64().expect("a time"));
    prices.cost(
        &Call::new(&usage)
            .provider(text("provider"))
            .request_model(text("model"))
            .service_tier(text("service_tier"))
            .at(UNIX_EPOCH + seconds),
    )
}
