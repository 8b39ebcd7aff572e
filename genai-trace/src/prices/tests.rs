use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;
use crate::provider::usage::{ByModality, Usage};

const TABLE: &str = r#"{"prices": [
    {"provider": "ollama", "free": true},
    {"provider": "acme", "model": "old-*", "input": 2, "output": 4, "until": "2026-07-01"},
    {"provider": "acme", "model": "old-*", "input": 1, "output": 3, "from": "2026-07-01"},
    {"model": "large", "input": 3, "cache_read": 0.3, "cache_write": 3.75, "output": 15,
     "above": [{"input_tokens": 1000000, "input": 12}, {"input_tokens": 200000, "input": 6, "output": 22.5}]},
    {"model": "long-cache", "input": 3, "cache_write": 3.75, "cache_write_1h": 6, "output": 15},
    {"model": "heard", "input": 1, "input_audio": 10, "cache_read": 0.1, "cache_read_audio": 2,
     "output": 4, "output_audio": 20, "reasoning": 5},
    {"model": "by-the-call", "input": 0, "output": 0, "request": 0.005},
    {"model": "nothing", "input": 0, "output": 0}
]}"#;

fn prices() -> Prices {
    Prices {
        table: Some(Arc::new(Table::parse(TABLE).unwrap())),
    }
}

fn used(input: u64, output: u64) -> Usage {
    Usage {
        input: Some(input),
        output: Some(output),
        ..Usage::default()
    }
}

fn on(day: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(day * 86_400)
}

fn cost(model: &str, usage: &Usage) -> Cost {
    prices().cost(&Call::new(usage).provider("openai").request_model(model))
}

fn usd(cost: &Cost, class: PriceClass) -> f64 {
    match cost {
        Cost::Priced(breakdown) => breakdown.usd(class),
        other => panic!("{other}"),
    }
}

#[test]
fn each_token_is_paid_for_once_in_its_class() {
    let usage = Usage {
        cache_read: Some(600_000),
        cache_write: Some(100_000),
        ..used(1_000_000, 100_000)
    };
    let cost = cost("large", &usage);
    // The tier of 200,000 tokens changes input and output; the cache costs as before.
    assert_eq!(usd(&cost, PriceClass::Input), 1.8);
    assert_eq!(usd(&cost, PriceClass::CacheRead), 0.18);
    assert_eq!(usd(&cost, PriceClass::CacheWrite), 0.375);
    assert_eq!(usd(&cost, PriceClass::Output), 2.25);
    assert_eq!(cost.usd(), Some(4.605));
    assert_eq!(cost.pico_usd(), Some(4_605_000_000_000));
}

#[test]
fn a_tier_holds_above_its_bound_and_not_at_it() {
    let at = |input| cost("large", &used(input, 0)).usd().unwrap();
    assert_eq!(at(200_000), 0.6);
    assert_eq!(at(200_001), 1.200_006);
    assert_eq!(at(2_000_000), 24.0);
}

#[test]
fn prices_are_those_of_the_day_of_the_call() {
    let usage = used(1_000_000, 0);
    let call = Call::new(&usage).provider("acme").request_model("old-1");
    let at = |day| prices().cost(&call.at(on(day))).usd();
    // 2026-06-30 and 2026-07-01.
    assert_eq!(at(20_634), Some(2.0));
    assert_eq!(at(20_635), Some(1.0));
}

#[test]
fn an_hour_in_the_cache_has_its_own_price_or_that_of_five_minutes() {
    let usage = Usage {
        cache_write: Some(1_000_000),
        cache_write_1h: Some(400_000),
        ..used(1_000_000, 0)
    };
    assert_eq!(cost("long-cache", &usage).usd(), Some(2.25 + 2.4));
    assert_eq!(cost("large", &usage).usd(), Some(3.75));
}

#[test]
fn sound_and_reasoning_have_prices_of_their_own() {
    let usage = Usage {
        cache_read: Some(300),
        input_by: ByModality {
            audio: Some(500),
            ..ByModality::default()
        },
        cache_read_by: ByModality {
            audio: Some(200),
            ..ByModality::default()
        },
        output_by: ByModality {
            audio: Some(50),
            ..ByModality::default()
        },
        reasoning: Some(20),
        ..used(1_000, 100)
    };
    let cost = cost("heard", &usage);
    let expected = [
        (PriceClass::Input, 400.0),
        (PriceClass::InputAudio, 3_000.0),
        (PriceClass::CacheRead, 10.0),
        (PriceClass::CacheReadAudio, 400.0),
        (PriceClass::Output, 120.0),
        (PriceClass::Reasoning, 100.0),
        (PriceClass::OutputAudio, 1_000.0),
    ];
    for (class, microdollars) in expected {
        assert_eq!(usd(&cost, class), microdollars / 1e6, "{class}");
    }
}

#[test]
fn parts_larger_than_their_total_cost_no_more_than_the_total() {
    let usage = Usage {
        cache_read: Some(900),
        cache_write: Some(900),
        ..used(1_000, 0)
    };
    let cost = cost("large", &usage);
    assert_eq!(usd(&cost, PriceClass::Input), 0.0);
    assert_eq!(usd(&cost, PriceClass::CacheRead), 900.0 * 0.3 / 1e6);
    assert_eq!(usd(&cost, PriceClass::CacheWrite), 100.0 * 3.75 / 1e6);
}

#[test]
fn what_is_not_known_is_said_and_never_nothing() {
    let usage = Usage {
        cache_read: Some(5),
        ..used(10, 10)
    };
    let nothing = Usage::default();
    let known = [
        cost("large", &nothing),
        cost("", &usage),
        cost("no-such-model", &usage),
        cost("long-cache", &usage),
    ];
    let said = known.map(|cost| {
        assert_eq!((cost.usd(), cost.status()), (None, "unknown"));
        cost.to_string()
    });
    assert_eq!(
        said.join("\n"),
        "\
unknown: no usage
unknown: no model
unknown: no price for model \"no-such-model\"
unknown: no price for cache_read"
    );
}

#[test]
fn an_entry_for_all_models_is_for_a_call_that_names_none() {
    let usage = used(5, 5);
    let of = |provider| prices().cost(&Call::new(&usage).provider(provider));
    assert_eq!(of("ollama"), Cost::Free);
    assert_eq!(of("acme"), Cost::Unknown(Unpriced::NoModel));
}

#[test]
fn free_is_what_a_table_says_is_free() {
    let usage = used(1_000, 1_000);
    let local = Call::new(&usage).provider("Ollama").request_model("qwen3");
    assert_eq!(prices().cost(&local), Cost::Free);
    assert_eq!(cost("nothing", &usage), Cost::Free);
    assert_eq!(cost("nothing", &usage).to_string(), "free");
    assert_eq!(cost("by-the-call", &usage).usd(), Some(0.005));
    // It used nothing of what has a price.
    assert_eq!(cost("large", &used(0, 0)).status(), "priced");
}

#[test]
fn the_model_that_answered_goes_before_the_one_asked_for_and_a_gateway_is_passed_over() {
    let usage = used(1_000_000, 0);
    let call = Call::new(&usage).request_model("acme/large");
    assert_eq!(prices().cost(&call).usd(), Some(6.0));
    let call = call.response_model("long-cache");
    assert_eq!(prices().cost(&call).usd(), Some(3.0));
    let call = call.response_model("never-heard-of");
    assert_eq!(prices().cost(&call).usd(), Some(6.0));
}

#[test]
fn tiny_costs_are_not_shown_as_nothing() {
    assert_eq!(cost("large", &used(411, 0)).to_string(), "$0.001233");
    let tiny = Usage {
        cache_read: Some(1),
        ..used(1, 0)
    };
    assert_eq!(cost("large", &tiny).to_string(), "<$0.000001");
}

#[test]
fn every_mistake_in_a_table_is_named_with_its_place_and_what_is_allowed() {
    let mistakes = [
        r#"[]"#,
        r#"{"price": []}"#,
        r#"{"prices": {}}"#,
        r#"{"prices": [5]}"#,
        r#"{"prices": [{"model": "m"}]}"#,
        r#"{"prices": [{"model": "", "input": 1}]}"#,
        r#"{"prices": [{"inputs": 1}]}"#,
        r#"{"prices": [{"free": true}, {"input": -1}]}"#,
        r#"{"prices": [{"input": "1"}]}"#,
        r#"{"prices": [{"request": 11}]}"#,
        r#"{"prices": [{"free": 1}]}"#,
        r#"{"prices": [{"free": true, "input": 1}]}"#,
        r#"{"prices": [{"free": true, "above": [{"input_tokens": 5, "input": 1}]}]}"#,
        r#"{"prices": [{"input": 1, "from": "2026-02-30"}]}"#,
        r#"{"prices": [{"input": 1, "from": "2026-02-03", "until": "2026-02-03"}]}"#,
        r#"{"prices": [{"input": 1, "above": 5}]}"#,
        r#"{"prices": [{"input": 1, "above": [{"input": 5}]}]}"#,
        r#"{"prices": [{"input": 1, "above": [{"input_tokens": 5, "free": true}]}]}"#,
        r#"{"prices": ["#,
    ];
    let said = mistakes.map(|text| {
        let fault = Table::parse(text).unwrap_err();
        fault.within(Path::new("p.json")).to_string()
    });
    assert_eq!(
        said.join("\n"),
        "\
the prices in \"p.json\" have the whole = []: expected an object with the key prices, a list of entries
the prices in \"p.json\" have price = []: expected no key but prices
the prices in \"p.json\" have prices = {}: expected a list of entries
the prices in \"p.json\" have prices[0] = 5: expected an object
the prices in \"p.json\" have prices[0] = {\"model\":\"m\"}: expected a price, or \"free\": true
the prices in \"p.json\" have prices[0].model = \"\": expected a name, in which * stands for anything
the prices in \"p.json\" have prices[0].inputs = 1: expected one of the keys provider, model, free, from, until, above, input, cache_read, cache_write, cache_write_1h, input_audio, input_image, cache_read_audio, cache_read_image, output, reasoning, output_audio, output_image, request
the prices in \"p.json\" have prices[1].input = -1: expected us dollars, a number from 0 to 1000000
the prices in \"p.json\" have prices[0].input = \"1\": expected us dollars, a number from 0 to 1000000
the prices in \"p.json\" have prices[0].request = 11: expected us dollars, a number from 0 to 10
the prices in \"p.json\" have prices[0].free = 1: expected true or false
the prices in \"p.json\" have prices[0].free = true: expected no price beside it
the prices in \"p.json\" have prices[0].free = true: expected no price beside it
the prices in \"p.json\" have prices[0].from = \"2026-02-30\": expected a day like \"2026-07-01\"
the prices in \"p.json\" have prices[0].until = \"2026-02-03\": expected a day after from
the prices in \"p.json\" have prices[0].above = 5: expected a list of objects
the prices in \"p.json\" have prices[0].above[0].input_tokens = null: expected an integer, 0 or more
the prices in \"p.json\" have prices[0].above[0].free = true: expected input_tokens or a price
the prices in \"p.json\" are no json: EOF while parsing a list at line 1 column 12"
    );
}

#[cfg(feature = "prices")]
mod of_the_feature {
    use super::*;

    fn built_in(provider: &str, model: &str, usage: &Usage) -> Cost {
        // 2026-01-15: history is not changed by newer data.
        let call = Call::new(usage).provider(provider).request_model(model);
        Prices::builtin().cost(&call.at(on(20_468)))
    }

    #[test]
    fn a_model_that_everyone_knows_costs_what_its_provider_says() {
        let usage = Usage {
            cache_read: Some(600),
            ..used(1_000, 100)
        };
        let cost = built_in("openai", "gpt-4o", &usage);
        assert_eq!(usd(&cost, PriceClass::Input), 400.0 * 2.5 / 1e6);
        assert_eq!(usd(&cost, PriceClass::CacheRead), 600.0 * 1.25 / 1e6);
        assert_eq!(usd(&cost, PriceClass::Output), 100.0 * 10.0 / 1e6);
        for provider in ["azure.ai.openai", "azure.ai.inference"] {
            assert_eq!(built_in(provider, "gpt-4o", &usage), cost, "{provider}");
        }
    }

    #[test]
    fn an_hour_in_the_cache_costs_twice_the_input_and_five_minutes_a_quarter_more() {
        let usage = Usage {
            cache_write: Some(1_000),
            cache_write_1h: Some(400),
            ..used(1_000, 0)
        };
        let cost = built_in("anthropic", "claude-sonnet-4-5-20250929", &usage);
        assert_eq!(usd(&cost, PriceClass::CacheWrite), 600.0 * 3.75 / 1e6);
        assert_eq!(usd(&cost, PriceClass::CacheWrite1h), 400.0 * 6.0 / 1e6);
    }

    #[test]
    fn a_long_prompt_costs_more_from_its_first_token_on() {
        let at = |input| built_in("gcp.gemini", "gemini-2.5-pro", &used(input, 0)).usd();
        assert_eq!(at(200_000), Some(0.25));
        assert_eq!(at(400_000), Some(1.0));
    }

    #[test]
    fn what_has_no_price_for_tokens_is_unknown_and_what_costs_nothing_is_free() {
        let usage = used(10, 10);
        let said = |provider, model| built_in(provider, model, &usage).to_string();
        assert_eq!(
            said("groq", "whisper-large-v3"),
            "unknown: no price for input"
        );
        assert_eq!(
            said("openai", "gpt-99"),
            "unknown: no price for model \"gpt-99\""
        );
        assert_eq!(
            said("acme", "gpt-4o"),
            "unknown: no prices of provider \"acme\""
        );
        assert_eq!(
            said("openrouter", "meta-llama/llama-3.3-70b-instruct:free"),
            "free"
        );
    }

    #[test]
    fn the_table_of_the_user_goes_before_the_data_under_whichever_name() {
        let usage = used(1_000_000, 0);
        let call = Call::new(&usage).provider("openai").request_model("large");
        let cost = prices().cost(&call.response_model("gpt-4o"));
        assert_eq!(cost.usd(), Some(6.0));
    }
}
