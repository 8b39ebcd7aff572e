// Marks and notes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { close, open, viewer } from "./harness.mjs";
import { id, run, write } from "./traces.mjs";

const TRACE = id(0xabc);
const CHAT = "18dd802ac8d1ebba";
const at = viewer((file) => write(file, [...run({ trace: TRACE }), ...run({ trace: id(0xdef), start: Date.now() - 900_000 })]));

test("a run is marked good, the list shows it, and it stays when the page is loaded anew", async () => {
  const page = await open(at, `#/run/${TRACE}`);
  const good = page.getByRole("group", { name: "Mark this run" }).getByRole("button", { name: "Good" });
  await good.click();
  await page.locator('.run-title .good[aria-pressed="true"]').waitFor();
  await page.reload();
  await page.locator('.run-title .good[aria-pressed="true"]').waitFor();
  await page.keyboard.press("r");
  await page.locator("#run-0 .mark-badge.good").waitFor();
  assert.equal(await page.locator("#run-1 .mark-badge").count(), 0);
  const kept = readFileSync(at.file.replace(".jsonl", ".scores.jsonl"), "utf8");
  assert.match(kept, /"gen_ai\.evaluation\.score\.label":"good"/);
  await close(page);
});

test("a mark is changed and taken back", async () => {
  const page = await open(at, `#/run/${TRACE}`);
  await page.locator('.run-title .good[aria-pressed="true"]').waitFor();
  await page.keyboard.press("b");
  await page.locator('.run-title .bad[aria-pressed="true"]').waitFor();
  await page.locator('.run-title .good[aria-pressed="false"]').waitFor();
  await page.keyboard.press("b");
  await page.locator('.run-title .bad[aria-pressed="false"]').waitFor();
  await close(page);
});

test("a span has a mark and a note of its own, which its row shows", async () => {
  const page = await open(at, `#/run/${TRACE}?span=${CHAT}`);
  await page.locator(".detail .mark-button.bad").click();
  await page.locator('.detail .bad[aria-pressed="true"]').waitFor();
  await page.locator(".span-row .mark-badge.bad").waitFor();
  await page.keyboard.press("n");
  await page.getByRole("textbox", { name: "Note" }).fill("should have read the file first");
  await page.getByRole("button", { name: "Keep" }).click();
  await page.locator(".detail .note-text", { hasText: "should have read the file first" }).waitFor();
  await page.locator('.detail .bad[aria-pressed="true"]').waitFor();
  await page.reload();
  await page.locator(".detail .note-text", { hasText: "should have read the file first" }).waitFor();
  await close(page);
});
