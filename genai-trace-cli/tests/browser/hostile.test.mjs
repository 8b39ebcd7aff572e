// Content that wants to do something does nothing.

import assert from "node:assert/strict";
import test from "node:test";
import { assertFits, close, open, until, viewer } from "./harness.mjs";
import { id, line, span, write } from "./traces.mjs";
import { writeFileSync } from "node:fs";

const SCRIPT = "<script>window.hacked = 1</script>";
const IMAGE = '"><img src=x onerror="window.hacked = 1">';
const LINK = "javascript:window.hacked=1";
const BIDI = "invoice\u202egnp.exe";
const ANSI = "\u001b[31mred\u001b[0m\u0007\u0000end";
const ALL = `${SCRIPT}${IMAGE}${LINK}${BIDI}${ANSI}</pre></script><svg onload=window.hacked=1>`;
const LONG = "x".repeat(5_000_000);
const DEEP = `${'{"a":['.repeat(60)}${"]}".repeat(60)}`;
const DEEPER = "[".repeat(100_000) + "]".repeat(100_000);
const TRACE = id(0xbad);
const WORDS = id(0xbadbad);

function message(role, ...parts) {
  return { role, parts };
}

function make(file) {
  const start = Date.now() - 10_000;
  const names = { "gen_ai.operation.name": "chat", "gen_ai.request.model": ALL, "gen_ai.agent.name": IMAGE, "gen_ai.conversation.id": ALL };
  const said = [
    message("user", { type: "text", content: ALL }, { type: "blob", mime_type: "image/svg+xml", content: btoa("<svg onload='window.hacked=1'/>") }, { type: "uri", uri: LINK, mime_type: "text/html" }),
    message("assistant", { type: "tool_call", id: ALL, name: ALL, arguments: { [ALL]: ALL, deep: JSON.parse(DEEP) } }),
    message("tool", { type: "tool_call_response", id: ALL, response: ALL }),
    message(`"><img src=x onerror=window.hacked=1>`, { type: ALL, content: ALL }),
  ];
  const spans = [
    span({ trace: TRACE, number: 1, name: ALL, start, ms: 5000, attributes: { ...names, "gen_ai.operation.name": "invoke_agent", [ALL]: ALL, "genai_trace.task": ALL } }),
    span({
      trace: TRACE,
      number: 2,
      parent: 1,
      name: `chat ${ALL}`,
      start,
      ms: 1000,
      attributes: { ...names, "gen_ai.input.messages": JSON.stringify(said), "gen_ai.output.messages": JSON.stringify([message("assistant", { type: "text", content: ALL })]), "gen_ai.tool.definitions": JSON.stringify([{ name: ALL, description: ALL }]) },
      status: "ERROR",
      status_message: ALL,
      events: [{ name: "exception", time_unix_nano: String(BigInt(Date.now()) * 1_000_000n), attributes: { "exception.type": ALL, "exception.message": ALL, "exception.stacktrace": ALL } }, { name: ALL, time_unix_nano: String(BigInt(Date.now()) * 1_000_000n), attributes: { [ALL]: ALL } }],
      links: [{ trace_id: id(0xfff), span_id: id(0xfff, 16), attributes: { [ALL]: ALL } }],
    }),
    span({ trace: TRACE, number: 3, parent: 1, name: "execute_tool long", start: start + 1000, ms: 1000, attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "long", "gen_ai.tool.call.arguments": LONG, "gen_ai.tool.call.result": DEEPER, deep: DEEP } }),
    span({ trace: TRACE, number: 4, parent: 1, name: "execute_tool halves", start: start + 2000, ms: 1000, attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "halves", "gen_ai.tool.call.result": '{"half":"\\ud800 and \\udc00"}' } }),
  ];
  const word = (number, parent) => span({ trace: WORDS, number, parent, name: "__proto__", start: start - 60_000, ms: 5, attributes: { "genai_trace.outcome": "constructor", "gen_ai.operation.name": "valueOf" } });
  spans.push(word(1, null), word(2, 1));
  const score = (name, span_id) => ({ event_name: "gen_ai.evaluation.result", time_unix_nano: 1, trace_id: WORDS, span_id, attributes: { "gen_ai.evaluation.name": name, "gen_ai.evaluation.score.label": "constructor" }, resource: {} });
  writeFileSync(file.replace(".jsonl", ".scores.jsonl"), [score("toString", null), score("mark", id(2, 16))].map((one) => `${JSON.stringify(one)}\n`).join(""));
  writeFileSync(file, spans.map(line).join("") + `{"trace_id":"${TRACE}","span_id":"${id(5, 16)}","name":"\\ud800"}\n`);
}

const at = viewer(make);

async function harmless(page) {
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("img, svg[onload], main script, iframe, object, embed").count(), 0);
  assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
  const text = await page.evaluate(() => document.body.innerText + [...document.querySelectorAll("[title]")].map((element) => element.title).join(""));
  assert.ok(!/[\u202a-\u202e\u2066-\u2069\u001b\u0000\u0007]/.test(text), "control characters");
  await close(page);
}

for (const [name, hash, what] of [
  ["the list", "#/", "#run-0"],
  ["the timeline", `#/run/${TRACE}`, ".span-row"],
  ["the tree", `#/run/${TRACE}?view=tree`, ".span-row"],
  ["the panel of the agent", `#/run/${TRACE}?span=${id(1, 16)}`, ".detail .attributes"],
  ["the panel of the call", `#/run/${TRACE}?span=${id(2, 16)}`, ".detail .exception"],
  ["the panel of halves of characters", `#/run/${TRACE}?span=${id(4, 16)}`, ".detail .attributes"],
  ["the conversation", `#/run/${TRACE}?view=conversation`, ".conversation .message"],
  ["the breakdown", `#/run/${TRACE}?view=breakdown`, ".breakdown .card"],
  ["two runs", `#/compare/${TRACE}/${TRACE}`, ".compare-row[aria-rowindex]"],
]) {
  test(`hostile content does nothing in ${name}, and is seen as it is`, async () => {
    const page = await open(at, hash);
    await page.locator(what).first().waitFor();
    for (const fold of await page.locator("details:not([open]) > summary").all()) if (await fold.isVisible()) await fold.click();
    if (!name.includes("halves")) await page.getByText("<script>window.hacked").first().waitFor();
    await assertFits(page, name);
    await harmless(page);
  });
}

test("an address that is hostile itself is only an address", async () => {
  const page = await open(at, `#/run/${encodeURIComponent(ALL)}?span=${encodeURIComponent(ALL)}&view=__proto__`);
  await page.locator(".state h1").waitFor();
  page.faults = page.faults.filter((fault) => !/40[04]/.test(fault));
  await harmless(page);
  const search = await open(at, `#/?text=${encodeURIComponent(SCRIPT)}&attribute=${encodeURIComponent(`${IMAGE}=1`)}`);
  await search.locator(".state h2, #run-0").first().waitFor();
  await harmless(search);
});

test("a text of 5 MB and JSON of 100,000 levels neither stop the page nor fill it", async () => {
  const page = await open(at, `#/run/${TRACE}?span=${id(3, 16)}`);
  const more = page.locator(".detail").getByRole("button", { name: /Show more \(4\.77 MiB\)/ });
  await more.waitFor();
  assert.ok((await page.evaluate(() => document.body.textContent.length)) < 100_000);
  await more.click();
  await until(page, () => document.querySelector(".detail .long-text").textContent.length > 50_000);
  const began = Date.now();
  await page.keyboard.press("Escape");
  await page.locator(".detail").waitFor({ state: "hidden" });
  assert.ok(Date.now() - began < 5000);
  await harmless(page);
});

test("words that every object of JavaScript knows are words", async () => {
  const page = await open(at, `#/run/${WORDS}?view=tree`);
  await page.locator(".span-row").nth(1).waitFor();
  assert.equal((await page.locator(".run-title .badge").innerText()), "constructor");
  await page.locator(".chip.score", { hasText: "toString constructor" }).waitFor();
  await page.locator(".mark-badge.note", { hasText: "constructor" }).waitFor();
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("[class]")].map((element) => String(element.getAttribute("class"))).filter((all) => /constructor|native code/.test(all))), []);
  assert.ok(!(await page.evaluate(() => document.body.textContent)).includes("native code"));
  await page.goto(`${at.base}#/`);
  await page.locator("#run-0").waitFor();
  assert.ok(!(await page.evaluate(() => document.body.textContent)).includes("native code"));
  await harmless(page);
});

test("the words of a mark are words", async () => {
  const page = await open(at, `#/run/${TRACE}?span=${id(2, 16)}`);
  await page.locator(".detail .exception").waitFor();
  await page.keyboard.press("n");
  await page.getByRole("textbox", { name: "Note" }).fill(ALL.replace(/[\u0000-\u001f]/g, ""));
  await page.getByRole("button", { name: "Keep" }).click();
  await page.locator(".detail .note-text", { hasText: "<script>window.hacked" }).waitFor();
  await page.reload();
  await page.locator(".detail .note-text", { hasText: "<script>window.hacked" }).waitFor();
  await harmless(page);
});
