// Two runs side by side.

import assert from "node:assert/strict";
import test from "node:test";
import { close, open, texts, until, viewer } from "./harness.mjs";
import { id, run, write } from "./traces.mjs";

const A = id(0xa);
const B = id(0xb);

/** The second run searches for something else, and has no second turn. */
function make(file) {
  const before = run({ trace: A, start: Date.now() - 120_000 });
  const after = run({
    trace: B,
    stretch: 300,
    change: (span) => {
      if (span.name === "execute_tool search") span.attributes["gen_ai.tool.call.arguments"] = '{"call":{"pattern":"FIXME"}}';
    },
  });
  write(file, [...before, ...after.filter((span) => span.name !== "execute_tool read_file")]);
}

const at = viewer(make);

test("two runs are chosen in the list and stand side by side", async () => {
  const page = await open(at);
  await page.locator("#run-1").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("c");
  await page.getByText("Choose the run to compare with").waitFor();
  await page.locator("#run-0 a").click();
  await page.locator(".compare-row[aria-rowindex]").first().waitFor();
  assert.ok(page.url().endsWith(`#/compare/${A}/${B}`), page.url());
  const facts = (await texts(page, ".compare-head .fact")).map((text) => text.replace(/\s+/g, " "));
  assert.match(facts[0], /^Duration 2\.59 s → 7\.76 s \+200 %$/);
  assert.match(facts[5], /^Errors 1 → 0/);
  await close(page);
});

test("what differs in a call is shown line by line", async () => {
  const page = await open(at, `#/compare/${A}/${B}`);
  const row = page.locator(".compare-row", { hasText: "execute_tool search" });
  await row.getByText("arguments").waitFor();
  await page.locator(".compare-row", { hasText: "only in the first" }).getByText("execute_tool read_file").first().waitFor();
  await row.click();
  const panel = page.locator(".detail");
  await panel.locator(".diff-line.a", { hasText: '"pattern": "TODO"' }).waitFor();
  await panel.locator(".diff-line.b", { hasText: '"pattern": "FIXME"' }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await panel.isVisible(), false);
  await page.keyboard.press("Escape");
  await page.locator("#run-0").waitFor();
  await close(page);
});

test("only what differs can be looked at", async () => {
  const page = await open(at, `#/compare/${A}/${B}`);
  await page.locator(".compare-row[aria-rowindex]").nth(13).waitFor();
  await page.keyboard.press("d");
  await until(page, () => ![...document.querySelectorAll(".compare-row:not([hidden])")].some((row) => row.textContent.includes("gate allow_command")));
  const left = await texts(page, ".compare-row:not(.head):not([hidden]) .cell:first-child .span-name");
  assert.ok(left.includes("execute_tool search"), left.join());
  await close(page);
});
