// A run while it runs: a process that is at work beside the viewer, one step for each line that it is given.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import test from "node:test";
import { close, open, texts, until, viewer } from "./harness.mjs";
import { id, large, line, run, span, write } from "./traces.mjs";

const TRACE = id(0xabc);
const at = viewer((file) => write(file, large(TRACE, 60)));

function stepper() {
  return spawn(process.env.GENAI_TRACE_STEPPER, [at.file], { stdio: ["pipe", "ignore", "inherit"] });
}

async function ended(process) {
  process.stdin.end();
  if (process.exitCode === null) await once(process, "exit");
}

test("a running agent is in the list as live, its spans grow, and it ends before one's eyes", async () => {
  const page = await open(at);
  await page.locator("#run-0").waitFor();
  const agent = stepper();
  await page.locator("#run-0 .badge", { hasText: "live" }).waitFor();
  await page.locator("#run-0 a").click();
  await page.locator(".span-row", { hasText: "execute_tool wait_for_line" }).locator(".bar.open").waitFor();
  await page.locator(".run-title .badge", { hasText: "live" }).waitFor();
  const label = () => page.locator(".span-row .bar-label").first().innerText();
  const before = await label();
  await until(page, (text) => document.querySelector(".span-row .bar-label").textContent !== text, before);
  agent.stdin.write("\n");
  await until(page, () => document.querySelectorAll(".span-row:not([hidden])").length === 3);
  agent.stdin.write("\n\n");
  await until(page, () => document.querySelectorAll(".span-row:not([hidden])").length === 5);
  assert.equal(await page.locator(".bar.open").count(), 2);
  await page.getByText("Now", { exact: true }).waitFor();
  await ended(agent);
  await page.locator(".run-title .badge", { hasText: "ok" }).waitFor();
  await page.locator(".bar.open").first().waitFor({ state: "detached" });
  const shown = (await texts(page, ".span-row:not([hidden]) .span-name")).filter((name) => name === "execute_tool wait_for_line");
  assert.equal(shown.length, 4);
  await close(page);
});

test("spans that come leave the scroll, the selection, what is folded and the panel where they are", async () => {
  const page = await open(at, `#/run/${TRACE}?span=${id(2 + 30 * 10 + 3, 16)}`);
  await page.locator('.span-row[aria-selected="true"]').waitFor();
  await page.locator(".detail .attributes").first().waitFor();
  const first = page.locator('.span-row[aria-rowindex="293"] .fold');
  await first.click();
  await page.locator('.span-row[aria-rowindex="293"][aria-expanded="false"]').waitFor();
  const look = () =>
    page.evaluate(() => ({
      top: document.querySelector(".span-grid").scrollTop,
      panel: document.querySelector(".detail h2").textContent,
      chosen: document.querySelector('.span-row[aria-selected="true"] .span-name').textContent,
      folded: [...document.querySelectorAll('.span-row[aria-expanded="false"] .span-name')].map((name) => name.textContent).join(),
    }));
  const before = await look();
  assert.ok(before.top > 0);
  const late = Array.from({ length: 5 }, (_, number) => span({ trace: TRACE, number: 90_000 + number, parent: 1, name: `late ${number}`, start: Date.now(), ms: 5 }));
  appendFileSync(at.file, late.map(line).join(""));
  await until(page, () => [...document.querySelectorAll(".run-head .fact")].some((fact) => fact.textContent === "Spans606"));
  assert.deepEqual(await look(), before);
  await close(page);
});

test("what is said meanwhile is appended to the conversation", async () => {
  const trace = id(0xd0);
  const all = run({ trace, start: Date.now() - 5000 });
  const at_ = (name) => all.filter((one) => one.name === name);
  const chats = at_("chat gpt-4o-mini").sort((a, b) => (a.start_unix_nano < b.start_unix_nano ? -1 : 1));
  appendFileSync(at.file, line(chats[0]));
  const page = await open(at, `#/run/${trace}?view=conversation`);
  await until(page, () => document.querySelectorAll(".conversation .tool-call").length === 2);
  appendFileSync(at.file, chats.slice(1).map(line).join(""));
  await page.getByText("TODO stands in src/lib.rs, which is the largest file.").waitFor();
  await close(page);
});

test("nine tabs are as quick as one, and all of them are told", async () => {
  const first = await open(at);
  const tabs = [first];
  for (let more = 0; more < 8; more += 1) {
    const page = await first.context().newPage();
    await page.goto(`${at.base}#/`);
    tabs.push(page);
  }
  for (const page of tabs) await page.locator('[data-state="live"]').waitFor();
  appendFileSync(at.file, run({ trace: id(0xe1) }).map(line).join(""));
  for (const page of tabs) await page.locator(".run-row", { hasText: id(0xe1).slice(0, 8) }).first().waitFor();
  // Whichever of them listened, another one does when it has gone.
  for (const page of tabs.splice(1, 7)) await page.close();
  appendFileSync(at.file, span_("after the others", 0xe2));
  for (const page of tabs) await page.locator(".run-row", { hasText: "after the others" }).waitFor();
  await tabs[0].close();
  appendFileSync(at.file, span_("after the first", 0xe3));
  await tabs[1].locator(".run-row", { hasText: "after the first" }).waitFor();
  assert.deepEqual(first.faults, []);
  await first.context().close();
});

test("a tab that nobody looks at is up to date when somebody does", async () => {
  const page = await open(at);
  await page.locator('[data-state="live"]').waitFor();
  const look = (isHidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await look(true);
  const other = await page.context().newPage();
  await other.goto(`${at.base}#/`);
  appendFileSync(at.file, span_("meanwhile", 0xe4));
  await other.locator(".run-row", { hasText: "meanwhile" }).waitFor();
  assert.equal(await page.locator(".run-row", { hasText: "meanwhile" }).count(), 0);
  await look(false);
  await page.locator(".run-row", { hasText: "meanwhile" }).waitFor();
  await close(page);
});

function span_(name, trace) {
  return line(span({ trace: id(trace), number: 1, name, start: Date.now(), ms: 5 }));
}
