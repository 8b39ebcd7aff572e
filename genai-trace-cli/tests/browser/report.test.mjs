// The file that `genai-trace report` writes, opened as a file.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { close, open, texts, viewer } from "./harness.mjs";
import { id, run, write } from "./traces.mjs";

const HOSTILE = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">&amp;';

function make(file) {
  const hostile = (span) => {
    if (span.name === "execute_tool search") span.attributes["gen_ai.tool.call.result"] = HOSTILE;
  };
  write(file, [1, 2, 3].flatMap((number) => run({ trace: id(number), start: Date.now() - number * 60_000, change: hostile })));
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
