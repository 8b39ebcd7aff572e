// The file that `genai-trace report` writes, opened as a file.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { close, open, texts, until, viewer } from "./harness.mjs";
import { id, run, write } from "./traces.mjs";

const HOSTILE = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">&amp;';

function make(file) {
  const hostile = (span) => {
    if (span.name === "execute_tool search") span.attributes["gen_ai.tool.call.result"] = HOSTILE;
  };
  write(file, [1, 2, 3].flatMap((number) => run({ trace: id(number), start: Date.now() - number * 60_000, change: (span, place) => (hostile(span), place === 0 && (span.attributes["seen.by"] = number)) })));
}

const at = viewer(make);

function report(name, ...what) {
  const file = `${at.folder}/${name}.html`;
  execFileSync(process.env.GENAI_TRACE_BIN, ["report", ...what, at.file, "-o", file]);
  return { ...at, base: `file://${file}` };
}

test("a report shows runs with everything that was said, without a server", async () => {
  const page = await open(report("all"));
  await page.locator("#run-2").waitFor();
  await page.getByLabel("Search runs").fill(id(2));
  await page.getByText("1 of 3 runs").waitFor();
  await page.locator("#run-0 a").click();
  await page.locator(".span-row").nth(13).waitFor();
  await page.getByRole("tab", { name: "Conversation" }).click();
  await page.getByText("TODO stands in src/lib.rs, which is the largest file.").waitFor();
  await page.getByRole("tab", { name: "Breakdown" }).click();
  await page.getByText("gpt-4o-mini").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Good" }).count(), 0);
  assert.equal(await page.getByText("Compare", { exact: true }).count(), 0);
  await close(page);
});

/** What the summary says once the filters are as they are. */
async function counted(page, text) {
  await until(page, (wanted) => document.querySelector(".summary").textContent.includes(wanted), text);
}

test("a report has the filters of the page: what was said, time, attributes, cost and names", async () => {
  const page = await open(report("filtered"));
  await page.locator("#run-2").waitFor();
  const clear = async () => {
    await page.getByRole("button", { name: "Clear" }).first().click();
    await counted(page, "3 runs");
  };
  await page.getByLabel("Search runs").fill("WHICH IS THE LARGEST FILE");
  await counted(page, "3 of 3 runs");
  await page.getByLabel("Search runs").fill("gen_ai.usage");
  await counted(page, "0 of 3 runs");
  await clear();
  // Runs began one, two and three minutes ago, some of them before the last two.
  await page.goto(page.url().split("#")[0] + "#/?since=150s");
  await counted(page, "2 of 3 runs");
  await page.getByLabel("Time").selectOption("15m");
  await counted(page, "3 of 3 runs");
  await clear();
  await page.getByRole("button", { name: "More" }).click();
  const attribute = page.getByLabel("Attribute, as key=value");
  await attribute.fill("seen.by=2");
  await attribute.press("Enter");
  await counted(page, "1 of 3 runs");
  await clear();
  await attribute.fill("nothing");
  await attribute.press("Enter");
  await page.getByText('attribute is "nothing": expected KEY=VALUE').waitFor();
  await clear();
  await page.getByLabel("Model", { exact: true }).fill("gpt-4o");
  await counted(page, "3 of 3 runs");
  await page.getByLabel("Model", { exact: true }).fill("gpt-4o-max");
  await counted(page, "0 of 3 runs");
  await clear();
  await page.getByLabel("Cost, $, at least").fill("1");
  await counted(page, "0 of 3 runs");
  await clear();
  await close(page);
});

test("a report of one run opens it, and hostile content does nothing in it", async () => {
  const one = report("one", id(1));
  const page = await open(one, "");
  await page.locator(".span-row", { hasText: "execute_tool search" }).click();
  await page.locator(".detail").getByText("</script><script>window.hacked").first().waitFor();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(await texts(page, ".connection"), ["report"]);
  await close(page);
});
