// Marks and notes.

import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import test from "node:test";
import { assertFits, close, open, until, viewer } from "./harness.mjs";
import { comment, id, line, run, write } from "./traces.mjs";

const TRACE = id(0xabc);
const CHAT = "18dd802ac8d1ebba";
const TOOL = "a352972aac0b6058";
const FAILED = "0b5e266d9a76eeb7";
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

const records = (span) => readFileSync(at.file.replace(".jsonl", ".scores.jsonl"), "utf8").split("\n").filter((one) => one.includes(span));

test("a note that could not be kept stays in its dialog, which says why", async () => {
  const page = await open(at, `#/run/${TRACE}?span=${CHAT}`);
  await page.locator(".detail .mark-button.note").click();
  await page.route("**/api/scores", (route) => route.abort());
  await page.getByRole("textbox", { name: "Note" }).fill("a long thought");
  await page.getByRole("button", { name: "Keep" }).click();
  await page.getByRole("alert").getByText("the server does not answer").waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Note" }).inputValue(), "a long thought");
  await page.unroute("**/api/scores");
  await page.getByRole("button", { name: "Keep" }).click();
  await page.locator(".detail .note-text", { hasText: "a long thought" }).waitFor();
  page.faults = page.faults.filter((fault) => !fault.includes("ERR_FAILED"));
  await close(page);
});

test("a note that is being written undoes no mark that another tab makes", async () => {
  const page = await open(at, `#/run/${TRACE}?span=${TOOL}`);
  const other = await page.context().newPage();
  await other.goto(`${at.base}#/run/${TRACE}?span=${TOOL}`);
  await page.locator(".detail .mark-button.note").click();
  await page.getByRole("textbox", { name: "Note" }).fill("mine");
  await other.locator(".detail .mark-button.good").click();
  await page.locator('.detail .good[aria-pressed="true"]').waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Note" }).inputValue(), "mine");
  await page.getByRole("button", { name: "Keep" }).click();
  await other.locator(".detail .note-text", { hasText: "mine" }).waitFor();
  await other.locator('.detail .good[aria-pressed="true"]').waitFor();
  await close(page);
});

test("a double click marks once", async () => {
  const page = await open(at, `#/run/${TRACE}?span=${FAILED}`);
  await page.locator(".detail .mark-button.good").dblclick();
  await page.locator('.detail .good[aria-pressed="true"]').waitFor();
  await page.locator(".span-row .mark-badge.good").first().waitFor();
  assert.equal(records(FAILED).length, 1);
  await close(page);
});

test("the keys mark the row that is chosen, and the run where none is", async () => {
  const page = await open(at, `#/run/${id(0xdef)}`);
  await page.locator(".span-row").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("b");
  await until(page, () => document.querySelector('.span-row[aria-selected="true"] .mark-badge.bad'));
  assert.equal(await page.locator('.run-title .bad[aria-pressed="true"]').count(), 0);
  await page.getByText("Marked bad: agent.turn").waitFor({ state: "attached" });
  await page.keyboard.press("n");
  await page.getByText("On agent.turn").waitFor();
  await close(page);
});

const evaluate = (...said) => appendFileSync(at.file.replace(".jsonl", ".scores.jsonl"), line(comment(...said)));

for (const width of [390, 1400]) {
  test(`what was written to a score, a mark or a note stands in the page, not only in a tooltip, ${width} px`, async () => {
    const trace = id(0xc000 + width);
    const long = `it <b>never</b> read the file ${"and guessed ".repeat(20)}at last`;
    appendFileSync(at.file, run({ trace, start: Date.now() }).map(line).join(""));
    evaluate(trace, null, "relevance", long, "fail");
    evaluate(trace, null, "mark", "a <script>window.hacked = 1</script> of a run", "bad");
    evaluate(trace, CHAT, "tone", "no word too much", "dry");
    evaluate(trace, CHAT, "note", "look at this call");
    const page = await open(at, "#/", { viewport: { width, height: 844 } });
    const shown = async (place, text) => {
      await page.locator(place, { hasText: text }).first().waitFor();
      const box = await page.locator(place, { hasText: text }).first().boundingBox();
      assert.ok(box.width > 60 && box.x >= 0 && box.x + box.width <= width, `${place} ${JSON.stringify(box)}`);
    };
    await shown("#run-0 .comment-line", "a <script>window.hacked = 1</script> of a run (and 3 more)");
    await assertFits(page, "the list");
    await page.locator("#run-0 a").click();
    await shown(".run-head .comment", "bada <script>window.hacked = 1</script> of a run");
    await shown(".run-head .comment", "at last");
    assert.equal(await page.locator(".run-head .comment").count(), 2);
    await page.goto(`${at.base}#/run/${trace}?span=${CHAT}`);
    await shown(".detail .comment", "notelook at this call");
    await shown(".detail .comment", "tone dryno word too much");
    await assertFits(page, "the run");
    assert.equal(await page.locator(`.span-row[aria-selected="true"] .mark-badge`).getAttribute("aria-label"), "note");
    assert.match(await page.locator(`.span-row[aria-selected="true"]`).innerText(), /look at this call/);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    await close(page);
  });
}
