// The page in Firefox: that every view is drawn, fits, and hears of changes there as well. `.ci/viewer firefox` runs
// it, where FIREFOX is the browser and PUPPETEER a folder with puppeteer-core in node_modules, which speaks with any
// Firefox that is installed. Each picture stays in SHOTS, where that is said.

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { serve } from "./harness.mjs";
import { comment, id, line, run, span, write } from "./traces.mjs";

const puppeteer = createRequire(join(process.env.PUPPETEER, "node_modules", "x"))("puppeteer-core");
const A = id(0xa);
const B = id(0xb);
const VIEWS = {
  list: ["#/", "#run-1"],
  waterfall: [`#/run/${A}`, ".span-row"],
  span: [`#/run/${A}?span=0b5e266d9a76eeb7`, ".detail .exception"],
  conversation: [`#/run/${A}?view=conversation`, ".conversation .message"],
  tree: [`#/run/${A}?view=tree`, ".span-grid.tree .span-row"],
  breakdown: [`#/run/${A}?view=breakdown`, ".breakdown .card"],
  compare: [`#/compare/${A}/${B}`, ".compare-row[aria-rowindex]"],
};
const at = {};

before(async () => {
  at.folder = mkdtempSync(join(tmpdir(), "genai-trace-firefox-"));
  at.file = join(at.folder, "traces.jsonl");
  write(at.file, [...run({ trace: A }), ...run({ trace: B, start: Date.now() - 300_000, stretch: 3 })]);
  appendFileSync(at.file.replace(".jsonl", ".scores.jsonl"), line(comment(A, null, "mark", "it never read the file", "bad")));
  Object.assign(at, await serve([at.file]));
});
after(() => {
  at.server?.kill();
  rmSync(at.folder, { recursive: true, force: true });
});

for (const [theme, scheme] of [["dark", 0], ["light", 1]]) {
  test(`in Firefox every view is drawn and fits, and changes are heard of, ${theme}`, async (t) => {
    const browser = await puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX, headless: true, extraPrefsFirefox: { "layout.css.prefers-color-scheme.content-override": scheme } });
    t.after(() => browser.close());
    const page = await browser.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    for (const width of [1400, 390]) {
      await page.setViewport({ width, height: 844 });
      for (const [name, [hash, what]] of Object.entries(VIEWS)) {
        // Another address behind # alone would load nothing anew.
        await page.goto("about:blank");
        await page.goto(at.base + hash);
        await page.waitForSelector(what, { visible: true });
        if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `firefox-${theme}-${width}-${name}.png`) });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 0, `${name}, ${width} px`);
      }
    }
    await page.waitForSelector('.connection[data-state="live"]');
    await page.goto(`${at.base}#/`);
    const trace = id(theme === "dark" ? 0xd : 0xe);
    appendFileSync(at.file, line(span({ trace, number: 1, name: `came later, ${theme}`, start: Date.now(), ms: 5 })));
    await page.waitForFunction((text) => document.querySelector("#run-0")?.textContent.includes(text), {}, `came later, ${theme}`);
    const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    assert.equal(ground, theme === "dark" ? "rgb(15, 17, 21)" : "rgb(246, 247, 249)");
    assert.deepEqual(faults, []);
  });
}
