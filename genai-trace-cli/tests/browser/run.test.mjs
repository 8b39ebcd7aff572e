// One run: its totals, its views, its spans, and the addresses of all of these.

import assert from "node:assert/strict";
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import test from "node:test";
import { close, open, serve, texts, until, viewer } from "./harness.mjs";
import { id, line, run, span, write } from "./traces.mjs";

const TRACE = id(0xabc);
const FAILED = "0b5e266d9a76eeb7";
const CHAT = "18dd802ac8d1ebba";

const at = viewer((file) => write(file, run({ trace: TRACE, stretch: 200 })));
const opened = (hash = "") => open(at, `#/run/${TRACE}${hash}`);

test("a run is opened from the list and says what it took, cost and did", async () => {
  const page = await open(at);
  await page.locator("#run-0 a").click();
  await page.locator(".span-row").first().waitFor();
  const facts = Object.fromEntries(await page.locator(".run-head .fact").evaluateAll((all) => all.map((fact) => [fact.querySelector("dt").textContent, fact.querySelector("dd b").textContent])));
  assert.equal(facts.Duration, "5.17 s");
  assert.equal(facts["Tokens in"], "4,600");
  assert.equal(facts["Tokens out"], "125");
  assert.equal(facts["Model calls"], "3");
  assert.equal(facts["Tool calls"], "3");
  assert.equal(facts.Errors, "1");
  assert.equal(facts.Spans, "14");
  assert.match(facts.Cost, /^\$0\.0005/);
  assert.match(page.url(), new RegExp(`#/run/${TRACE}$`));
  await page.goBack();
  await page.locator("#run-0").waitFor();
  await close(page);
});

test("what stands out is named: where the time went, what failed, what cost most", async () => {
  const page = await opened();
  await page.locator(".findings li").first().waitFor();
  const found = (await texts(page, ".findings li")).map((text) => text.replace(/\s+/g, " "));
  assert.match(found[0], /^Slowest .+ of the time$/);
  assert.equal(found[1], "1 error execute_tool read_file no/such/file: No such file or directory (os error 2)");
  assert.equal(found[2], "Gates gate allow_command deny: `sh` is not on the list of commands: grep, head, ls, tail, wc");
  assert.match(found[3], /^Dearest chat gpt-4o-mini \$0\.00020, 35 % of the cost$/);
  await page.locator(".findings .fault button").click();
  await page.locator(".detail h2", { hasText: "execute_tool read_file" }).waitFor();
  await close(page);
});

test("the waterfall shows each span at its time, below what it stands in", async () => {
  const page = await opened();
  await page.locator(".span-row").nth(13).waitFor();
  const rows = await page.locator(".span-row").evaluateAll((all) =>
    all
      .sort((a, b) => a.getAttribute("aria-rowindex") - b.getAttribute("aria-rowindex"))
      .map((row) => ({ level: Number(row.getAttribute("aria-level")), name: row.querySelector(".span-name").textContent, left: row.querySelector(".bar").getBoundingClientRect().left, right: row.querySelector(".bar").getBoundingClientRect().right })),
  );
  assert.deepEqual(
    rows.map((row) => `${"  ".repeat(row.level - 1)}${row.name}`),
    [
      "invoke_agent coder",
      "  agent.turn",
      "    chat gpt-4o-mini",
      "    gate inside_workspace",
      "    gate inside_workspace",
      "    execute_tool list_files",
      "    execute_tool search",
      "  agent.turn",
      "    chat gpt-4o-mini",
      "    gate inside_workspace",
      "    gate allow_command",
      "    execute_tool read_file",
      "  agent.turn",
      "    chat gpt-4o-mini",
    ],
  );
  for (const row of rows.slice(1)) assert.ok(row.left >= rows[0].left - 1 && row.right <= rows[0].right + 2, row.name);
  assert.ok(rows[7].left > rows[1].right - 1, "the second turn begins behind the first");
  assert.ok((await page.locator(".span-row.critical").count()) > 3);
  assert.equal(await page.locator(".span-row[data-grade=bad]").count(), 1);
  await close(page);
});

test("folding hides what is below, and says what failed there", async () => {
  const page = await opened();
  const second = page.locator('.span-row[aria-rowindex="9"]');
  await second.locator(".fold").click();
  await page.getByText("1 error inside").waitFor();
  assert.equal(await page.locator(".span-row:not([hidden])").count(), 10);
  await second.locator(".fold").click();
  await page.locator(".fault-sign", { hasText: /^error$/ }).waitFor();
  await close(page);
});

test("looking closer shows a part of the time, by key, wheel and the overview", async () => {
  const page = await opened();
  await page.locator(".span-row").first().waitFor();
  const width = () => page.locator(".span-row .bar").nth(2).evaluate((bar) => bar.getBoundingClientRect().width);
  const before = await width();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("z");
  await page.locator(".overview .window").waitFor();
  assert.ok((await width()) > before * 3, `${before} px, then ${await width()} px`);
  await page.keyboard.press("0");
  await page.locator(".overview .window").waitFor({ state: "hidden" });
  const box = await page.locator(".overview").boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 10, { steps: 5 });
  await page.mouse.up();
  await page.locator(".overview .window").waitFor();
  assert.ok((await page.locator(".span-head .tick").first().innerText()) !== "0");
  await page.locator(".overview").dblclick();
  await page.locator(".overview .window").waitFor({ state: "hidden" });
  await page.mouse.move(700, 500);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  await page.locator(".overview .window").waitFor();
  await close(page);
});

test("a span's panel has its message, exception, arguments, attributes and raw line", async () => {
  const page = await opened(`?span=${FAILED}`);
  const panel = page.locator(".detail");
  await panel.getByText("coding_agent::tools::error::ToolError").waitFor();
  const said = await panel.innerText();
  for (const part of ["no/such/file: No such file or directory (os error 2)", "Arguments", '"no/such/file"', "gen_ai.tool.type", "function", "error.type", "NotFound", FAILED]) assert.ok(said.includes(part), part);
  await panel.locator("summary", { hasText: "Raw" }).click();
  await panel.getByText("status_message").first().waitFor();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await panel.getByRole("button", { name: "Copy the span id" }).click();
  await until(page, async (wanted) => (await navigator.clipboard.readText()) === wanted, FAILED);
  await close(page);
});

test("the panel of a model call shows what was said in it", async () => {
  const page = await opened(`?span=${CHAT}`);
  const panel = page.locator(".detail");
  await panel.locator(".message.user").getByText("Where does TODO stand, and which file is the largest?").waitFor();
  await panel.locator(".message.assistant .tool-call").getByText("search", { exact: true }).waitFor();
  assert.ok((await panel.innerText()).includes("1,200 / 40"));
  await close(page);
});

test("a conversation has each message once, tools' answers with their calls, and leads to the spans", async () => {
  const page = await opened("?view=conversation");
  await page.locator(".conversation .message").first().waitFor();
  assert.equal(await page.locator(".message.system").count(), 1);
  assert.deepEqual(await texts(page, ".message.user .text"), ["Where does TODO stand, and which file is the largest?"]);
  assert.deepEqual(await texts(page, ".conversation .tool-call > header b"), ["list_files", "search", "read_file", "run_command"]);
  assert.match(await page.locator(".tool-call").nth(1).innerText(), /pattern: "TODO"[\s\S]*Result[\s\S]*occurrences/);
  assert.match((await texts(page, ".message.assistant")).at(-1), /TODO stands in src\/lib\.rs, which is the largest file\./);
  await page.locator(".tool-call").nth(1).locator(".span-link").click();
  await page.locator(".detail h2", { hasText: "execute_tool search" }).waitFor();
  await close(page);
});

test("the breakdown adds up by class, model and tool", async () => {
  const page = await opened("?view=breakdown");
  const card = (name) => page.getByRole("region", { name, exact: true });
  await card("Tokens").waitFor();
  assert.match((await card("Tokens").innerText()).replace(/\s+/g, " "), /Input 2,168 46 % Cache read 2,432 51 % Output 125 3 % All 4,725/);
  assert.match((await card("Models").innerText()).replace(/\s+/g, " "), /gpt-4o-mini 3 4,600 125 \$0\.00058 100 %/);
  assert.match((await card("Tools").innerText()).replace(/\s+/g, " "), /read_file 1 1 /);
  await close(page);
});

test("every view and span has an address that opens it", async () => {
  for (const [hash, what] of [
    ["?view=tree", ".span-grid.tree"],
    ["?view=conversation", ".conversation .message"],
    ["?view=breakdown", ".breakdown .card"],
    [`?view=tree&span=${CHAT}`, ".detail .message"],
    [`?span=${FAILED}`, `.timeline [aria-selected="true"]`],
  ]) {
    const page = await opened(hash);
    await page.locator(what).first().waitFor();
    assert.ok(page.url().endsWith(hash), page.url());
    await close(page);
  }
});

test("a run that is not there is said", async () => {
  const page = await open(at, `#/run/${id(9)}`);
  await page.getByText("There is no such run").waitFor();
  page.faults = page.faults.filter((fault) => !fault.includes("404"));
  await close(page);
});

test("a span that is not there is said in the panel, and is shown once it has been written", async () => {
  const trace = id(0xcafe);
  const one = (number, name) => span({ trace, number, parent: number === 1 ? null : 1, name, start: Date.now(), ms: 5 });
  appendFileSync(at.file, line(one(1, "early")));
  const page = await open(at, `#/run/${trace}?span=${id(2, 16)}`);
  await page.locator(".detail").getByText("There is no such span").waitFor();
  await page.keyboard.press("2");
  await page.locator(".span-grid.tree .span-row").first().waitFor();
  await page.keyboard.press("g");
  appendFileSync(at.file, line(one(2, "late")));
  await page.locator(".detail h2", { hasText: "late" }).waitFor();
  await page.locator(".detail .facts").waitFor();
  await close(page);
});

test("a span that goes away while it is chosen leaves a view that goes on", async () => {
  const file = `${at.folder}/cut.jsonl`;
  const trace = id(0xdead);
  const one = (number, name) => span({ trace, number, parent: number === 1 ? null : 1, name, start: Date.now(), ms: 5, status: number === 3 ? "ERROR" : "UNSET" });
  write(file, [one(1, "root"), one(2, "short-lived"), one(3, "failed")]);
  const { server, base } = await serve([file]);
  const page = await open({ ...at, base }, `#/run/${trace}?span=${id(2, 16)}`);
  await page.locator(".detail .facts").waitFor();
  writeFileSync(file, [one(1, "root"), one(3, "failed")].map(line).join(""));
  await page.locator(".detail").getByText("There is no such span").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("e");
  await page.locator('.span-row[aria-selected="true"]', { hasText: "failed" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("root");
  await page.getByText("1 match", { exact: true }).waitFor();
  await page.locator('.span-row[aria-selected="true"]', { hasText: "root" }).waitFor();
  // While the file is written anew it may have been read empty.
  page.faults = page.faults.filter((fault) => !fault.includes("404"));
  await close(page);
  server.kill();
});

test("Escape in the panel leads back to the row that it was of", async () => {
  const page = await opened();
  await page.locator(".span-row", { hasText: "execute_tool search" }).click();
  await page.locator(".detail .mark-button.good").focus();
  await page.keyboard.press("Escape");
  await page.locator(".detail").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-activedescendant") === document.querySelector('.span-row[aria-selected="true"]').id), true);
  await close(page);
});

test("a run is opened by an id in upper case, and by the digits of it that are shown", async () => {
  const trace = `feedc0de${id(1, 24)}`;
  appendFileSync(at.file, line(span({ trace, number: 1, name: "meant", start: Date.now(), ms: 5 })));
  for (const [address, rest] of [[trace.toUpperCase(), ""], ["feedc0de", "?view=tree"], ["FEEDC0DE", ""]]) {
    const page = await open(at, `#/run/${address}${rest}`);
    await page.locator(".run-title h1", { hasText: "meant" }).waitFor();
    await page.locator(".span-row").first().waitFor();
    assert.ok(page.url().endsWith(`#/run/${trace}${rest}`), page.url());
    page.faults = page.faults.filter((fault) => !fault.includes("404"));
    await close(page);
  }
});

test("the beginning of several ids names the runs that it may mean", async () => {
  for (const last of [1, 2]) appendFileSync(at.file, line(span({ trace: `abad1dea${id(last, 24)}`, number: 1, name: `one of them ${last}`, start: Date.now(), ms: 5 })));
  const page = await open(at, "#/");
  await page.locator(".run-row", { hasText: "one of them 2" }).waitFor();
  await page.goto(`${at.base}#/run/abad1dea`);
  await page.getByText("2 runs begin with abad1dea").waitFor();
  await page.getByRole("link", { name: "one of them 2" }).click();
  await page.locator(".span-row").first().waitFor();
  await close(page);
});

test("a span is opened by the first digits of its id, alone or behind those of its run", async () => {
  const trace = `facade00${id(7, 24)}`;
  const one = { start: Date.now(), ms: 5, trace };
  appendFileSync(at.file, line(span({ ...one, number: 0x5eed_0001_0000, name: "the root" })) + line({ ...span({ ...one, number: 2, parent: 0x5eed_0001_0000, name: "the child" }), span_id: "c0ffee1200000001" }));
  for (const hash of ["#/run/c0ffee12", "#/run/C0FFEE1200000001", "#/run/facade00?span=c0ff", `#/run/${trace}?span=C0FFEE12`]) {
    const page = await open(at, hash);
    await page.locator(".detail h2", { hasText: "the child" }).waitFor();
    await page.locator('.span-row[aria-selected="true"]', { hasText: "the child" }).waitFor();
    assert.ok(page.url().endsWith(`#/run/${trace}?span=c0ffee1200000001`), page.url());
    await close(page);
  }
});

test("the beginning of several ids of spans names them, in a run and of all runs; one of none is said by name", async () => {
  const [one, other] = [`ba5eba11${id(1, 24)}`, `ba5eba12${id(2, 24)}`];
  const of = (trace, span_id, name) => line({ ...span({ trace, number: 1, name, start: Date.now(), ms: 5 }), span_id });
  appendFileSync(at.file, of(one, "d15ea5e000000001", "first") + of(one, "d15ea5e000000002", "second") + of(other, "d15ea5e000000003", "third"));
  const page = await open(at, "#/");
  await page.getByLabel("Search runs").fill("d15ea5e0");
  await until(page, () => /^2 of/.test(document.querySelector(".summary")?.textContent ?? ""));
  await page.goto(`${at.base}#/run/d15ea5e0`);
  await page.getByText("3 spans begin with d15ea5e0").waitFor();
  assert.equal(await page.locator(".state li a").count(), 3);
  await page.goto(`${at.base}#/run/${one}?span=d15ea5e0`);
  await page.locator(".detail").getByText("2 spans begin with d15ea5e0").waitFor();
  await page.locator(".detail .span-link", { hasText: "second" }).click();
  await page.locator(".detail .facts").getByText("d15ea5e000000002").waitFor();
  await page.goto(`${at.base}#/run/0badf00d`);
  await page.getByText("No file that is served has a run or a span whose id begins with 0badf00d.").waitFor();
  page.faults = page.faults.filter((fault) => !fault.includes("400"));
  await close(page);
});

test("a run whose file is emptied while it is shown is said to be gone, stays as it was, and is shown again once it is back", async (t) => {
  const file = `${at.folder}/emptied.jsonl`;
  const trace = id(0xe0);
  write(file, run({ trace }));
  const { server, base } = await serve([file]);
  t.after(() => server.kill());
  const page = await open({ ...at, base }, `#/run/${trace}?span=${CHAT}`);
  await page.locator(".detail .message").first().waitFor();
  assert.equal(await page.getByText("no longer in the files").count(), 0);
  truncateSync(file, 0);
  await page.getByRole("alert").getByText("This run is no longer in the files that are served").waitFor();
  assert.equal(await page.locator(".run-title .badge").innerText(), "gone");
  assert.equal(await page.locator(".span-row:not([hidden])").count(), 14);
  assert.ok((await page.locator(".detail .message").count()) > 0);
  write(file, run({ trace }));
  await page.locator(".run-title .badge", { hasText: "ok" }).waitFor();
  await page.getByText("no longer in the files").waitFor({ state: "hidden" });
  page.faults = page.faults.filter((fault) => !fault.includes("404"));
  await close(page);
});
