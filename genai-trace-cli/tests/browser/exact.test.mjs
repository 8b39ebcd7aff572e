// What is shown and copied is what was recorded, to the last digit.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import test from "node:test";
import { close, open, texts, viewer } from "./harness.mjs";
import { id, line, span } from "./traces.mjs";

const TRACE = id(0xe4ac7);
const LONG = "z".repeat(200_000);
/** Names that a path of an address could not have in it. */
const NAMES = ["..", ".", "a/b", "a?b#c%2F", "resource.service.name", "__proto__"];
const long = (name) => `${NAMES.indexOf(name)}: ${LONG}`;
const attributes = {
  "gen_ai.operation.name": "execute_tool",
  "gen_ai.tool.name": "t",
  "gen_ai.tool.call.arguments": '{"id":12345678901234567890,"x":1.0,"text":"7.0 and \\"8.0"}',
  "gen_ai.tool.call.result": LONG,
  "user.id": "HERE",
};

const at = viewer((file) => {
  const start = Date.now() - 1000;
  const one = line(span({ trace: TRACE, number: 1, name: "exact", start, ms: 5, attributes }));
  const link = { trace_id: TRACE, span_id: id(1, 16), attributes: { why: `l${LONG}` } };
  const said = { attributes: Object.fromEntries(NAMES.map((name) => [name, long(name)])), links: [link], resource: { "service.name": "test", "process.command_args": `r${LONG}` }, status: "ERROR", status_message: `m${LONG}` };
  const other = line(span({ trace: TRACE, number: 2, parent: 1, name: "other", start, ms: 1, ...said }));
  writeFileSync(file, one.replace(/"start_unix_nano":(\d+)000,/, '"start_unix_nano":$1123,').replace('"HERE"', "9007199254740993") + other);
});

async function opened(number = 1) {
  const page = await open(at, `#/run/${TRACE}?span=${id(number, 16)}`, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.locator(".detail .attributes").first().waitFor();
  return page;
}

/** What is copied, once that begins so. */
async function copied(page, front) {
  for (let tries = 0; tries < 200; tries += 1) {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    if (text.startsWith(front)) return text;
    await page.waitForTimeout(50);
  }
  throw new Error(`nothing that begins with ${front} was copied`);
}

test("numbers are shown as they are written", async () => {
  const page = await opened();
  const shown = (await texts(page, ".detail-section")).join();
  for (const number of ["id: 12345678901234567890", "x: 1.0", '"7.0 and \\"8.0"', "9007199254740993"]) assert.ok(shown.includes(number), number);
  await close(page);
});

test("what was cut to be shown is copied whole", async () => {
  const page = await opened();
  await page.getByRole("button", { name: "Copy result" }).click();
  assert.equal(await copied(page, "z"), LONG);
  await close(page);
});

test("the raw record is copied with its numbers, and says what of it is not shown", async () => {
  const page = await opened();
  await page.locator("summary", { hasText: "Raw" }).click();
  await page.getByText("gen_ai.tool.call.result (of 195 KiB)").waitFor();
  await page.getByRole("button", { name: "Copy raw" }).click();
  const raw = await copied(page, "{");
  assert.match(raw, /"start_unix_nano": \d{16}123,/);
  assert.match(raw, /"user.id": 9007199254740993/);
  assert.equal(JSON.parse(raw).attributes["gen_ai.tool.call.result"], LONG);
  await close(page);
});

test("the whole of a value is shown and copied, whatever it is called and wherever in the span it stands", async () => {
  const page = await opened(2);
  for (const summary of ["Resource", "Raw"]) await page.locator("summary", { hasText: summary }).click();
  const value = (name) => page.locator(".detail tr", { has: page.locator("th", { hasText: new RegExp(`^${name.replace(/[.?]/g, "\\$&")}$`) }) }).locator("td");
  for (const [name, whole] of [...NAMES.map((name) => [name, long(name)]), ["why", `l${LONG}`], ["process.command_args", `r${LONG}`]]) {
    await value(name).getByRole("button", { name: "Copy" }).click();
    assert.ok((await copied(page, whole.slice(0, 3))) === whole, name);
    for (let press = 0; press < 4; press += 1) await value(name).getByRole("button", { name: /^Show more/ }).click();
    await value(name).getByRole("button", { name: /^Show more/ }).waitFor({ state: "detached" });
    assert.ok((await value(name).locator(".text").evaluate((text) => text.textContent)) === whole, name);
  }
  await page.locator(".said-message").getByRole("button", { name: "Copy" }).click();
  assert.ok((await copied(page, "m")) === `m${LONG}`);
  await page.getByRole("button", { name: "Copy resource" }).click();
  assert.ok(JSON.parse(await copied(page, '{\n  "service'))["process.command_args"] === `r${LONG}`);
  await page.getByRole("button", { name: "Copy raw" }).click();
  const raw = JSON.parse(await copied(page, '{\n  "trace_id'));
  for (const name of NAMES) assert.ok(Object.getOwnPropertyDescriptor(raw.attributes, name).value === long(name), name);
  assert.ok(raw.links[0].attributes.why === `l${LONG}` && raw.resource["process.command_args"] === `r${LONG}` && raw.status_message === `m${LONG}`);
  await close(page);
});

test("a copy that fails says why", async () => {
  const page = await opened(2);
  await page.route("**/value?*", (route) => route.abort());
  await page.getByRole("button", { name: "Copy attributes" }).click();
  await page.getByRole("alert").getByText("Not copied:").waitFor();
  page.faults = page.faults.filter((fault) => !fault.includes("ERR_FAILED"));
  await close(page);
});
