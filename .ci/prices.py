"""Random model calls, and what the Python package `genai-prices` says that they cost.

Usage: prices.py DATA > CALLS, where DATA is the `prices.json` of the Rust crate: so both have the same data.
Each line is a call: provider, model, seconds since 1970, service tier, usage, and the exact cost, or null
where the data have no price for the tokens that were used.
"""

import json
import random
import re
import sys
from datetime import UTC, datetime

import genai_prices
from genai_prices import types
from genai_prices.data_snapshot import DataSnapshot

CALLS = 500
SEED = 20261121
# Two years, up to 2026-11-21.
FIRST, LAST = 1732147200, 1795219200
ZEROS = [
    "cache_audio_write_tokens", "cache_image_write_tokens", "cache_text_read_tokens",
    "cache_text_write_tokens", "cache_video_read_tokens", "cache_video_write_tokens",
]


def counts(rng, prices):
    """Random usage: the keys of ours, and of Python's."""
    most = rng.choice([1_000, 50_000, 300_000, 2_000_000])
    parts = {"plain": rng.randint(1, most)}
    if rng.random() < 0.6:
        parts["read"] = rng.randint(0, most)
    if rng.random() < 0.4:
        parts["write_5m"] = rng.randint(0, most)
    if rng.random() < 0.2:
        parts["write_1h"] = rng.randint(0, most)
    if rng.random() < 0.2:
        parts["audio"] = rng.randint(0, most)
        parts["read_audio"] = rng.randint(0, most)
    if rng.random() < 0.2:
        parts["image"] = rng.randint(0, most)
        parts["read_image"] = rng.randint(0, most)
    get = lambda *names: sum(parts.get(name, 0) for name in names)
    out = {}
    if "output_mtok" in prices:
        out["plain"] = rng.randint(0, 50_000)
        for name in ["reasoning", "audio", "image"]:
            if rng.random() < 0.2:
                out[name] = rng.randint(0, 20_000)
    total = sum(parts.values())
    ours = {
        "input": total,
        "output": sum(out.values()),
        "cache_read": get("read", "read_audio", "read_image"),
        "cache_write": get("write_5m", "write_1h"),
        "cache_write_1h": get("write_1h"),
        "reasoning": out.get("reasoning", 0),
        "input_audio": get("audio", "read_audio"),
        "input_image": get("image", "read_image"),
        "cache_read_audio": get("read_audio"),
        "cache_read_image": get("read_image"),
        "output_audio": out.get("audio", 0),
        "output_image": out.get("image", 0),
    }
    theirs = {
        "input_tokens": ours["input"],
        "output_tokens": ours["output"],
        "cache_read_tokens": ours["cache_read"],
        "cache_write_tokens": ours["cache_write"],
        "cache_write_5m_tokens": get("write_5m"),
        "cache_write_1h_tokens": ours["cache_write_1h"],
        "output_reasoning_tokens": ours["reasoning"],
        "output_audio_reasoning_tokens": 0,
        "output_image_reasoning_tokens": 0,
        "input_audio_tokens": ours["input_audio"],
        "input_image_tokens": ours["input_image"],
        "cache_audio_read_tokens": ours["cache_read_audio"],
        "cache_image_read_tokens": ours["cache_read_image"],
        "output_audio_tokens": ours["output_audio"],
        "output_image_tokens": ours["output_image"],
        "input_video_tokens": 0,
        "output_video_tokens": 0,
        **{key: 0 for key in ZEROS},
    }
    return ours, theirs


def check_kept(data):
    """What `prices/builtin/kept.rs` says of the data: where prices change with tokens, and with time."""
    with open("genai-trace/src/prices/builtin/kept.rs", encoding="utf-8") as file:
        source = file.read()
    listed = re.search(r"TIER_STARTS: \[u64; \d+\] = \[(.*?)\];", source, re.S).group(1)
    known = {int(number.replace("_", "")) for number in listed.split(",") if number.strip()}
    slot = int(re.search(r"SLOT_SECONDS: u64 = ([\d_]+);", source).group(1).replace("_", ""))
    for thing in parts(data):
        for tier in thing.get("tiers") or []:
            assert tier["start"] in known, f"a price changes above {tier['start']} tokens, which TIER_STARTS lacks"
        constraint = thing.get("constraint") or {}
        for key in ["start_time", "end_time"]:
            if key in constraint:
                hours, minutes, seconds = constraint[key].removesuffix("Z").split(":")
                time = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
                assert time % slot == 0, f"a price changes at {constraint[key]}, not between slots of {slot} s"


def parts(thing):
    """Every object in the data."""
    if isinstance(thing, dict):
        yield thing
    inner = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else []
    for one in inner:
        yield from parts(one)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        raw = json.load(file)
    check_kept(raw)
    snapshot = DataSnapshot(types._providers_from_raw(raw), from_auto_update=False)
    models = [(provider["id"], model) for provider in raw for model in provider["models"]]
    rng = random.Random(SEED)
    done = 0
    while done < CALLS:
        provider, model = rng.choice(models)
        seconds = rng.randint(FIRST, LAST)
        at = datetime.fromtimestamp(seconds, UTC)
        tier = rng.choice([None, None, None, "default", "flex", "priority"])
        try:
            found = snapshot.find_provider_model(model["id"], None, provider, None)[1]
        except LookupError:
            continue
        prices = found.get_prices(at)
        names = set(getattr(prices, "__dict__", {})) | set(getattr(prices, "prices", {}) or {})
        active = {name for name in names if value_of(prices, name) is not None}
        ours, theirs = counts(rng, active)
        context = {"service_tier": tier} if tier else None
        cost = snapshot.calc(types.Usage(**theirs), model["id"], provider, None, at, context)
        has_price = "input_mtok" in active
        print(json.dumps({
            "provider": provider, "model": model["id"], "at": seconds, "service_tier": tier,
            "usage": ours, "usd": f"{cost.total_price:f}" if has_price else None,
        }))
        done += 1
    print(f"genai-prices {genai_prices.__version__}, data of {sys.argv[1]}", file=sys.stderr)


def value_of(prices, name):
    value = getattr(prices, name, None)
    return value if value is not None else (getattr(prices, "prices", {}) or {}).get(name)


main()
