// The list of runs.

import assert from "node:assert/strict";
import { appendFileSync, rmSync } from "node:fs";
import test from "node:test";
import { close, open, serve, texts, until, viewer } from "./harness.mjs";
import { id, line, run, span, withModel, write } from "./traces.mjs";

const RUNS = 250;

/** Newest first: run 0. Every tenth is of another model and ten times as slow; the failing tool fails in odd runs only. */
function make(file) {
  const spans = [];
  for (let number = 0; number < RUNS; number += 1) {
    const change = (span, place) => {
      if (number % 10 === 0) withModel("claude-sonnet-4-5")(span);
      if (number % 2 === 0 && span.status === "ERROR") {
        span.status = "UNSET";
        span.status_message = "";
        delete span.attributes["error.type"];
        span.events = [];
      }
      span.attributes["app.number"] = number;
      if (place === 13 && number === 7) span.attributes["gen_ai.agent.name"] = "reviewer";
    };
    spans.push(...run({ trace: id(1000 + number), start: Date.now() - 60_000 * (number + 1), stretch: number % 10 === 0 ? 1000 : 100, change }));
  }
  write(file, spans, '{"trace_id": "torn\n');
}

const at = viewer(make);
const summary = (page, text) => until(page, (wanted) => document.querySelector(".summary")?.textContent.includes(wanted), text);

test("runs are listed, the newest first, with what could not be read", async () => {
  const page = await open(at);
  await summary(page, `${RUNS} runs · 1 line could not be read and was passed over`);
  const rows = await page.locator(".run-row:not([hidden])").count();
  assert.ok(rows < 60, `${rows} rows in the document`);
  const first = page.locator("#run-0");
  assert.match(await first.innerText(), /invoke_agent coder/);
  assert.match(await first.innerText(), /claude-sonnet-4-5/);
  assert.match(await first.innerText(), /4,600 \/ 125/);
  await close(page);
});

test("scrolling brings the oldest, page by page", async () => {
  const page = await open(at);
  await summary(page, `${RUNS} runs`);
  await page.keyboard.press("End");
  const last = page.locator(`#run-${RUNS - 1}`);
  await last.getByText(id(1000 + RUNS - 1).slice(0, 8)).waitFor();
  assert.equal(await last.getAttribute("aria-rowindex"), String(RUNS + 1));
  await close(page);
});

test("filters narrow the list, stand in the address, and are taken back by it", async () => {
  const page = await open(at);
  await summary(page, `${RUNS} runs`);
  await page.getByLabel("Model", { exact: true }).fill("claude");
  await summary(page, `25 of ${RUNS} runs`);
  assert.match(page.url(), /model=claude/);
  await page.getByText("Errors", { exact: true }).click();
  await page.getByText("No run matches").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await summary(page, `${RUNS} runs`);
  await page.getByText("Errors", { exact: true }).click();
  await summary(page, `125 of ${RUNS} runs`);
  await page.reload();
  await summary(page, `125 of ${RUNS} runs`);
  assert.ok(await page.locator("input[name=errors]").isChecked());
  await close(page);
});

test("runs are found by agent, duration, cost, attribute, time and text", async () => {
  const page = await open(at);
  await summary(page, `${RUNS} runs`);
  const clear = async () => {
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await summary(page, `${RUNS} runs`);
  };
  await page.getByLabel("Agent", { exact: true }).fill("reviewer");
  await summary(page, `1 of ${RUNS} runs`);
  await clear();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByLabel("Duration, ms, at least").fill("10000");
  await summary(page, `25 of ${RUNS} runs`);
  await clear();
  await page.getByLabel("Cost, $, at least").fill("5");
  await page.getByText("No run matches").waitFor();
  await clear();
  await page.getByLabel("Attribute, as key=value").fill("app.number=42");
  await page.getByLabel("Attribute, as key=value").press("Enter");
  await summary(page, `1 of ${RUNS} runs`);
  await page.getByRole("button", { name: "Remove app.number=42" }).click();
  await summary(page, `${RUNS} runs`);
  await page.getByLabel("Time", { exact: true }).selectOption("15m");
  await until(page, () => /^1[3-5] of/.test(document.querySelector(".summary").textContent));
  await clear();
  await page.getByLabel("Search runs").fill(id(1003));
  await summary(page, `1 of ${RUNS} runs`);
  await close(page);
});

test("what cannot be looked for is said", async () => {
  const page = await open(at, "#/?since=soon");
  await page.getByText("That cannot be looked for").waitFor();
  await page.getByText('since is "soon"').waitFor();
  // The answer is a 400, and the browser notes it.
  page.faults = page.faults.filter((fault) => !fault.includes("400"));
  await close(page);
});

test("a run that comes while one reads further down moves nothing", async () => {
  const page = await open(at);
  await summary(page, `${RUNS} runs`);
  await page.evaluate(() => (document.querySelector(".list-grid").scrollTop = 52 * 100));
  const seen = () => page.evaluate(() => document.elementFromPoint(200, 500).closest(".run-row").querySelector("a").href);
  await until(page, () => document.elementFromPoint(200, 500)?.closest(".run-row")?.querySelector("a")?.href);
  const before = await seen();
  appendFileSync(at.file, run({ trace: id(5000), start: Date.now() }).map(line).join(""));
  await summary(page, `${RUNS + 1} runs`);
  await until(page, (href) => document.elementFromPoint(200, 500).closest(".run-row").querySelector("a").href === href, before);
  assert.equal(await seen(), before);
  await close(page);
});

test("without any runs it is said how there will be some, and the first one appears by itself", async () => {
  const file = `${at.folder}/none.jsonl`;
  const { server, base } = await serve([file]);
  const page = await open({ ...at, base });
  await page.getByText("No runs yet").waitFor();
  assert.ok((await texts(page, ".state")).join().includes("none.jsonl"));
  write(file, run({ trace: id(1) }));
  await page.locator("#run-0").waitFor();
  assert.equal(await page.getByText("No runs yet").isVisible(), false);
  await close(page);
  server.kill();
  rmSync(file);
});

test("a server that has gone is said, and what comes after it is shown", async () => {
  const file = `${at.folder}/again.jsonl`;
  write(file, run({ trace: id(1) }));
  const { server, base } = await serve([file]);
  const page = await open({ ...at, base });
  await page.locator("#run-0").waitFor();
  server.kill();
  await page.getByText("server gone, reconnecting").waitFor();
  appendFileSync(file, run({ trace: id(2) }).map(line).join(""));
  const again = await serve([file], Number(new URL(base).port));
  await page.locator('[data-state="live"]').waitFor();
  await summary(page, "2 runs");
  await page.context().close();
  again.server.kill();
});

test("whoever comes back from a run is where the list was left", async () => {
  const page = await open(at, "#/?model=gpt");
  await page.locator("#run-0").waitFor();
  await page.evaluate(() => (document.querySelector(".list-grid").scrollTop = 52 * 150));
  await page.locator("#run-155 a[href]").waitFor();
  const before = await page.evaluate(() => document.querySelector(".list-grid").scrollTop);
  for (const back of [() => page.goBack(), () => page.keyboard.press("Escape")]) {
    await page.locator("#run-155 a").click();
    await page.locator(".span-row").first().waitFor();
    await back();
    await page.locator('#run-155[aria-selected="true"]').waitFor();
    assert.equal(await page.evaluate(() => document.querySelector(".list-grid").scrollTop), before);
    assert.match(page.url(), /model=gpt/);
  }
  await close(page);
});

test("every filter of an address is shown and can be cleared, whoever wrote it", async () => {
  const page = await open(at, "#/?since=2h&errors=true&min_ms=1&min_ms=2");
  await page.getByRole("button", { name: "Clear", exact: true }).waitFor();
  assert.equal(await page.locator("select[name=since]").evaluate((field) => field.selectedOptions[0].text), "Since 2h");
  assert.ok(await page.locator("input[name=errors]").isChecked());
  assert.equal(await page.locator("input[name=min_ms]").inputValue(), "2");
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await until(page, () => /^\d+ runs/.test(document.querySelector(".summary").textContent));
  await close(page);
});

test("a filter that is wrong is shown, and what clears it stands beside what is said of it", async () => {
  const page = await open(at, "#/?min_ms=abc");
  await page.getByText('min_ms is "abc"').waitFor();
  await page.getByRole("button", { name: "Remove min_ms=abc" }).waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.locator("#run-0").waitFor();
  assert.equal(await page.getByText("min_ms=abc").count(), 0);
  page.faults = page.faults.filter((fault) => !fault.includes("400"));
  await close(page);
});

test("a span is found by the first eight digits of its id, and its run is opened at it", async () => {
  const trace = id(6000);
  appendFileSync(at.file, line({ ...span({ trace, number: 1, name: "sought", start: Date.now(), ms: 5 }), span_id: "5eed5eed0000beef" }));
  const page = await open(at);
  await page.getByLabel("Search runs").fill("5EED5EED");
  await page.locator("#run-0", { hasText: "span 5eed5eed0000beef" }).waitFor();
  await until(page, () => /^1 of/.test(document.querySelector(".summary").textContent));
  await page.locator("#run-0 a").click();
  await page.locator(".detail h2", { hasText: "sought" }).waitFor();
  assert.ok(page.url().endsWith(`#/run/${trace}?span=5eed5eed0000beef`), page.url());
  await close(page);
});
