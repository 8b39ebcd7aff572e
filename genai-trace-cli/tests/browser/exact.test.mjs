// What is shown and copied is what was recorded, to the last digit.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import test from "node:test";
import { close, open, texts, viewer } from "./harness.mjs";
import { id, line, span } from "./traces.mjs";

const TRACE = id(0xe4ac7);
const LONG = "z".repeat(200_000);
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
  // No address leads to an attribute of this name.
  const other = line(span({ trace: TRACE, number: 2, parent: 1, name: "other", start, ms: 1, attributes: { "..": "q".repeat(100_000) } }));
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

test("a copy that fails says why", async () => {
  const page = await opened(2);
  await page.getByRole("button", { name: "Copy attributes" }).click();
  await page.getByRole("alert").getByText("Not copied:").waitFor();
  page.faults = page.faults.filter((fault) => !fault.includes("404"));
  await close(page);
});
