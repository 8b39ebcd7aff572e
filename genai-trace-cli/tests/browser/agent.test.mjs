// The coding agent of the examples, run as a user runs it, while the viewer looks on. Its model is a server here that
// answers when the test has seen enough.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { close, open, until, viewer } from "./harness.mjs";
import { write } from "./traces.mjs";

const MODEL = "gpt-4o-mini";
const at = viewer((file) => write(file, []));

/** An OpenAI-compatible server: each question waits for `answer(message)`. */
async function model() {
  const waiting = [];
  const asked = [];
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    asked.push(response);
    waiting.shift()?.();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let number = 0;
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    close: () => server.close(),
    /** Waits for a question. */
    asked: async () => {
      if (asked.length === 0) await new Promise((done) => waiting.push(done));
    },
    answer: (message, why) => {
      number += 1;
      const body = { id: `r${number}`, object: "chat.completion", model: MODEL, choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason: why }], usage: { prompt_tokens: 1000 * number, completion_tokens: 50 } };
      asked.shift().writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    },
  };
}

const calls = (...all) => ({ tool_calls: all.map(([name, args], index) => ({ id: `call_${name}_${index}`, type: "function", function: { name, arguments: JSON.stringify(args) } })) });

/** The rows that are seen, from above: what each is called, and how deep it stands. */
const rows = (page) =>
  page.locator(".span-row:not([hidden])").evaluateAll((all) =>
    all
      .toSorted((a, b) => a.getAttribute("aria-rowindex") - b.getAttribute("aria-rowindex"))
      .map((row) => ({ name: row.querySelector(".span-name").textContent, depth: Number(row.getAttribute("aria-level")) - 1 })),
  );

async function shows(page, wanted) {
  await until(page, (count) => document.querySelectorAll(".span-row:not([hidden])").length >= count, wanted);
}

test("the coding agent's run appears while it runs, grows without a reload, and ends as `show` says", async () => {
  const folder = join(at.folder, "work");
  mkdirSync(folder);
  writeFileSync(join(folder, "lib.rs"), "// TODO: everything\nfn main() {}\n");
  const provider = await model();
  const page = await open(at);
  await page.getByText("No runs yet").waitFor();
  const env = { ...process.env, GENAI_TRACE_FILE: at.file, GENAI_TRACE_CRASH_SAFE: "true", OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: "none" };
  const agent = spawn(process.env.GENAI_TRACE_AGENT, [folder, "--model", MODEL, "--ask", "what is to do?"], { env, stdio: "ignore" });
  const ended = once(agent, "exit");

  // It waits for its first answer: the call is open, and seen.
  await provider.asked();
  await page.locator("#run-0 .badge", { hasText: "live" }).waitFor();
  await page.locator("#run-0 a[href]").click();
  await page.locator(".span-row", { hasText: `chat ${MODEL}` }).locator(".bar.open").waitFor();
  await page.locator(".run-title .badge", { hasText: "live" }).waitFor();
  const before = await rows(page);

  provider.answer(calls(["list_files", {}], ["search", { pattern: "TODO" }]), "tool_calls");
  await provider.asked();
  await page.locator(".span-row", { hasText: "execute_tool search" }).waitFor();
  await shows(page, before.length + 4);
  assert.ok((await page.locator(".bar.open").count()) >= 2);

  provider.answer(calls(["read_file", { path: "no/such/file" }]), "tool_calls");
  await provider.asked();
  await page.locator(".span-row", { hasText: "execute_tool read_file" }).waitFor();

  provider.answer({ content: "Everything is to do." }, "stop");
  assert.equal((await ended)[0], 0);
  provider.close();
  await page.locator(".bar.open").first().waitFor({ state: "detached" });

  const shown = JSON.parse(execFileSync(process.env.GENAI_TRACE_BIN, ["show", "--json", at.file]));
  await until(page, (count) => document.querySelectorAll(".span-row:not([hidden])").length === count, shown.spans.length);
  assert.deepEqual(await rows(page), shown.spans.map(({ name, depth }) => ({ name, depth })));
  const trace = await (await page.request.get(`${at.base}api/runs/${shown.trace_id}`)).json();
  const cost = shown.spans.reduce((sum, span) => sum + (span.cost_usd ?? 0), 0);
  assert.ok(cost > 0 && Math.abs(trace.run.cost - cost) < 1e-12, `${trace.run.cost} is not ${cost}`);
  assert.equal(trace.run.input_tokens, 6000);
  assert.equal(trace.run.open, 0);
  assert.deepEqual(new Set(trace.critical), new Set(shown.spans.filter((span) => span.is_critical).map((span) => span.span_id)));
  await close(page);
});
