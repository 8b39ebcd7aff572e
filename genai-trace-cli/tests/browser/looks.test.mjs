// Narrow and wide, dark and light, and what axe has against any of it.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { assertFits, close, open, viewer } from "./harness.mjs";
import { comment, id, large, line, run, withModel, write } from "./traces.mjs";

const A = id(1);
const B = id(2);
const LONG = "a_model_with_a_name_that_is_so_long_that_it_fits_nowhere_at_all_and_has_no_space_to_break_at_".repeat(2);
const VIEWS = {
  "the list": ["#/", "#run-0"],
  "the list while comparing": [`#/?with=${A}`, ".banner"],
  "the timeline": [`#/run/${A}`, ".span-row"],
  "a failed span": [`#/run/${A}?span=0b5e266d9a76eeb7`, ".detail .exception"],
  "the tree with a model call": [`#/run/${A}?view=tree&span=18dd802ac8d1ebba`, ".detail .message"],
  "the conversation": [`#/run/${A}?view=conversation`, ".conversation .message"],
  "the breakdown": [`#/run/${A}?view=breakdown`, ".breakdown .card"],
  "long names": [`#/run/${id(3)}?view=breakdown`, ".breakdown .card"],
  "long names in time": [`#/run/${id(3)}?span=18dd802ac8d1ebba`, ".detail .message"],
  "several runs of one beginning": ["#/run/0000", ".state li a"],
  "two runs": [`#/compare/${A}/${B}`, ".compare-row[aria-rowindex]"],
};

const at = viewer((file) => {
  write(file, [...run({ trace: A }), ...run({ trace: B, start: Date.now() - 300_000, stretch: 3 }), ...run({ trace: id(3), start: Date.now() - 600_000, change: withModel(LONG) }), ...large(id(4), 30)]);
  const written = [[null, "bad"], [null, "relevance"], ["18dd802ac8d1ebba", "note"], ["0b5e266d9a76eeb7", LONG]];
  writeFileSync(file.replace(".jsonl", ".scores.jsonl"), written.map(([span, name]) => line(comment(A, span, name, `${"why it is so ".repeat(30)}${LONG}`))).join(""));
});
const AXE = join(process.env.PLAYWRIGHT, "node_modules/axe-core/axe.min.js");

for (const [name, [hash, what]] of Object.entries(VIEWS)) {
  for (const width of [390, 768, 1400]) {
    test(`${name} fits into ${width} px`, async () => {
      const page = await open(at, hash, { viewport: { width, height: 844 } });
      await page.locator(what).first().waitFor();
      await assertFits(page, name);
      await close(page);
    });
  }
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1400]) {
    test(`axe finds nothing serious, ${colorScheme}, ${width} px`, { skip: !existsSync(AXE) && "no axe-core" }, async () => {
      for (const [name, [hash, what]] of Object.entries(VIEWS)) {
        const page = await open(at, hash, { viewport: { width, height: 844 }, colorScheme, bypassCSP: true, reducedMotion: "reduce" });
        await page.locator(what).first().waitFor();
        await page.evaluate(readFileSync(AXE, "utf8"));
        const { violations, passes } = await page.evaluate(() => window.axe.run());
        assert.ok(passes.length > 10);
        const grave = violations.filter((one) => ["serious", "critical"].includes(one.impact));
        assert.deepEqual(grave.map((one) => `${name}: ${one.id} ${one.nodes[0].html} ${one.nodes[0].failureSummary}`), []);
        await close(page);
      }
    });
  }
}

test("dark and light are as the system has it, until one is chosen, which is kept", async () => {
  const ground = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await open(at, "#/", { colorScheme: "light" });
  const dark = await open(at, "#/", { colorScheme: "dark" });
  await light.locator("#run-0").waitFor();
  await dark.locator("#run-0").waitFor();
  const [bright, dim] = [await ground(light), await ground(dark)];
  assert.notEqual(bright, dim);
  await light.keyboard.press("t");
  assert.equal(await ground(light), dim);
  await light.reload();
  await light.locator("#run-0").waitFor();
  assert.equal(await ground(light), dim);
  await light.getByRole("button", { name: /^Theme: dark/ }).click();
  assert.equal(await ground(light), bright);
  await close(light);
  await close(dark);
});

test("nothing moves for those who want no motion", async () => {
  const page = await open(at, `#/run/${A}`, { reducedMotion: "reduce" });
  await page.locator(".span-row").first().waitFor();
  const moving = await page.evaluate(() => document.getAnimations().length);
  assert.equal(moving, 0);
  await close(page);
});
