// Two runs side by side.

import assert from "node:assert/strict";
import { truncateSync } from "node:fs";
import test from "node:test";
import { close, open, serve, texts, until, viewer } from "./harness.mjs";
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

test("two runs are compared by the first digits of their ids, and digits of several or of none are named", async (t) => {
  const file = `${at.folder}/short.jsonl`;
  const [one, other, third] = [`feedc0de${id(1, 24)}`, `feedbeef${"2".repeat(24)}`, `feedbeef${"3".repeat(24)}`];
  write(file, [one, other, third].flatMap((trace) => run({ trace })));
  const { server, base } = await serve([file]);
  t.after(() => server.kill());
  const page = await open({ ...at, base }, `#/compare/feedc0de/${other.slice(0, 31)}`);
  await page.locator(".compare-row[aria-rowindex]").first().waitFor();
  assert.ok(page.url().endsWith(`#/compare/${one}/${other}`), page.url());
  await page.goto(`${base}#/compare/feedc0de/feedbeef`);
  await page.getByText("2 runs begin with feedbeef").waitFor();
  await page.goto(`${base}#/compare/feedc0de/0badf00d`);
  await page.getByText("No file that is served has a run whose id begins with 0badf00d.").waitFor();
  await page.goto(`${base}#/compare/feedc0de/${id(9)}`);
  await page.getByText(`there is no trace ${id(9)}`).waitFor();
  await page.goto(`${base}#/compare/${one}/${other}`);
  await page.locator(".compare-row[aria-rowindex]").first().waitFor();
  truncateSync(file, 0);
  await page.getByRole("alert").getByText("One of these runs is no longer in the files that are served").waitFor();
  assert.ok((await page.locator(".compare-row[aria-rowindex]:not([hidden])").count()) > 5);
  page.faults = page.faults.filter((fault) => !fault.includes("404"));
  await close(page);
});
