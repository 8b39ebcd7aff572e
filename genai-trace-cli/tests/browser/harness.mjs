// A browser, the viewer's server on files of the test, and what most tests ask of a page.
//
// `.ci/viewer` says where things are: GENAI_TRACE_BIN (the command), GENAI_TRACE_STEPPER (the example that runs step
// by step), GENAI_TRACE_TELLER (the one that says something), GENAI_TRACE_AGENT (the coding agent), PLAYWRIGHT (a folder with playwright-core and axe-core in node_modules), CHROMIUM (the browser).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";

export const require = createRequire(join(process.env.PLAYWRIGHT, "node_modules", "x"));
export const { chromium } = require("playwright-core");

/** Nothing is waited for longer than this; whatever is there sooner is looked at sooner. */
const PATIENCE = 20_000;

/**
 * A folder, a server on `traces.jsonl` in it once `write(file)` has made that, and a browser, for all tests of a file.
 */
export function viewer(write) {
  const at = { folder: null, file: null, base: null, browser: null };
  before(async () => {
    at.folder = mkdtempSync(join(tmpdir(), "genai-trace-viewer-"));
    at.file = join(at.folder, "traces.jsonl");
    write(at.file);
    Object.assign(at, await serve([at.file]));
    at.browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  });
  after(async () => {
    await at.browser?.close();
    at.server?.kill();
    rmSync(at.folder, { recursive: true, force: true });
  });
  return at;
}

/** The server, once it has said where it is. */
export async function serve(files, port = 0) {
  const server = spawn(process.env.GENAI_TRACE_BIN, ["serve", "--port", String(port), ...files], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: server.stdout });
  const [line] = await once(lines, "line");
  return { server, base: /http:\S+/.exec(line)[0] };
}

/** A page, and everything that went wrong in it. */
export async function open(at, hash = "#/", options = {}) {
  const context = await at.browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
  page.on("request", (request) => !request.url().startsWith(at.base) && !/^(data|blob|file):/.test(request.url()) && page.faults.push(`asked ${request.url()}`));
  await page.goto(at.base + hash);
  return page;
}

/** Closes a page in which nothing may have gone wrong. */
export async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

/** The texts of all elements, in the order in which they stand on the page. */
export async function texts(page, selector) {
  return page.locator(selector).allInnerTexts();
}

/** Waits until a question to the page is answered with yes. */
export async function until(page, question, argument) {
  await page.waitForFunction(question, argument, { timeout: PATIENCE, polling: "raf" });
}

/** No part of the page is wider than what is seen of it. */
export async function assertFits(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `${what}: ${wide} px too wide`);
  const outside = await page.evaluate(() =>
    [...document.querySelectorAll("body button, body input, body h1, body h2, body select")]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1 && !element.closest(".spans .rows, .tabs, .table, .unseen"))
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 120)),
  );
  assert.deepEqual(outside, [], what);
}
