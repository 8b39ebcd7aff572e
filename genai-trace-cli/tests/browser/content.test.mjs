// What was said, shown from wherever the library has kept it: on spans, in events beside them, in the store.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { close, open, serve, texts, until, viewer } from "./harness.mjs";
import { id, span, write } from "./traces.mjs";

const at = viewer((file) => write(file, []));
const servers = [];
after(() => servers.forEach((server) => server.kill()));

/** A folder with a run of the library in it. */
function tell(name, mode, ...more) {
  const folder = join(at.folder, name);
  mkdirSync(folder);
  const env = { ...process.env, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: mode, OTEL_LOGS_EXPORTER: "jsonl" };
  execFileSync(process.env.GENAI_TRACE_TELLER, ["who is ada?", ...more], { cwd: folder, env });
  return folder;
}

/** A page on the traces in a folder. */
async function shown(folder) {
  const { server, base } = await serve([join(folder, "traces.jsonl")]);
  servers.push(server);
  const page = await open({ ...at, base });
  await page.locator("#run-0 a[href]").click();
  await page.locator(".span-row").first().waitFor();
  return page;
}

for (const [mode, ...more] of [["SPAN_ONLY"], ["EVENT_ONLY"], ["SPAN_AND_EVENT"], ["SPAN_ONLY", "stored"], ["EVENT_ONLY", "stored"], ["SPAN_AND_EVENT", "stored"]]) {
  const where = [mode, ...more].join(", ");
  test(`a conversation is shown in its order, and in the spans of its calls: ${where}`, async () => {
    const page = await shown(tell(where.replace(", ", "-"), mode, ...more));
    await page.getByRole("tab", { name: "Conversation" }).click();
    await page.getByText("Ada Lovelace wrote the first program.", { exact: true }).waitFor();
    assert.deepEqual(await texts(page, ".conversation .message h3"), ["System", "User", "Assistant", "Assistant"]);
    await page.getByRole("tab", { name: "Timeline" }).click();
    await page.locator(".span-row", { hasText: "chat gpt-4o" }).last().click();
    await page.locator(".detail .message", { hasText: "who is ada?" }).waitFor();
    assert.equal(await page.locator(".detail table.attributes:not(.events *) th", { hasText: "_ref" }).count(), 0);
    if (mode !== "SPAN_ONLY") await page.locator(".detail .events", { hasText: "gen_ai.client.inference.operation.details" }).waitFor();
    if (mode !== "EVENT_ONLY") {
      await page.locator(".span-row", { hasText: "execute_tool look_up" }).click();
      await page.locator(".detail-section", { hasText: "Arguments" }).getByText('"ada"').waitFor();
      await page.locator(".detail-section", { hasText: "Result" }).getByText("says the page on ada").first().waitFor();
    }
    await close(page);
  });
}

test("what is said in events is found by the search", async () => {
  const folder = tell("searched", "EVENT_ONLY");
  const { server, base } = await serve([join(folder, "traces.jsonl")]);
  servers.push(server);
  const page = await open({ ...at, base });
  await page.locator("#run-0 a[href]").waitFor();
  await page.getByLabel("Search runs").fill("lovelace");
  await until(page, () => document.querySelector(".summary").textContent.includes("1 of 1 run"));
  await page.getByLabel("Search runs").fill("nobody said this");
  await until(page, () => document.querySelector(".summary").textContent.includes("0 of 1 run"));
  await close(page);
});

test("hostile content in events, as a reference and in the name of what is gone does nothing", async () => {
  const folder = join(at.folder, "hostile");
  mkdirSync(folder);
  const hostile = `<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>\u202e`;
  const chat = span({ trace: id(7), number: 1, name: "chat m", start: Date.now() - 1000, ms: 10, attributes: { "gen_ai.operation.name": "chat", "gen_ai.output.messages_ref": `sha256:../../${hostile}` } });
  write(join(folder, "traces.jsonl"), [chat]);
  const said = [{ role: "user", parts: [{ type: "text", content: hostile }, { "genai_trace.missing": hostile }] }];
  const event = { event_name: "gen_ai.client.inference.operation.details", time_unix_nano: 1, trace_id: id(7), span_id: id(1, 16), attributes: { "gen_ai.input.messages": said, [hostile]: { deep: hostile }, long: "x".repeat(5_000_000) }, resource: {} };
  writeFileSync(join(folder, "traces.events.jsonl"), `${JSON.stringify(event)}\nno event\n{"event_name":1}\n`);
  const page = await shown(folder);
  await page.locator(".span-row").first().click();
  await page.locator(".detail .message.user", { hasText: "window.hacked" }).waitFor();
  await page.locator(".detail .missing", { hasText: "is no reference" }).first().waitFor();
  await page.locator(".detail .events", { hasText: "window.hacked" }).waitFor();
  await page.getByRole("tab", { name: "Conversation" }).click();
  await page.locator(".conversation .missing", { hasText: "window.hacked" }).first().waitFor();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("img").count(), 0);
  const answer = await page.request.get(`${new URL(page.url()).origin}/api/runs/${id(7)}/spans/${id(1, 16)}`);
  assert.ok((await answer.body()).length < 500_000);
  await close(page);
});

test("content that is gone is said in words that name its file", async () => {
  const folder = tell("gone", "SPAN_ONLY", "stored");
  renameSync(join(folder, "traces.jsonl.d/content"), join(folder, "elsewhere"));
  const page = await shown(folder);
  await page.getByRole("tab", { name: "Conversation" }).click();
  await page.getByText(/Not shown: .*traces\.jsonl\.d\/content\/[0-9a-f]{2}\/[0-9a-f]{64}\.json is not there/).first().waitFor();
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.locator(".span-row", { hasText: "execute_tool look_up" }).click();
  await page.locator(".detail-section", { hasText: "Result" }).getByText("is not there").waitFor();
  await close(page);
});
