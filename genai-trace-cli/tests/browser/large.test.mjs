// A trace of 10,000 spans, and a list of 20,000 runs.

import assert from "node:assert/strict";
import test from "node:test";
import { close, open, serve, until, viewer } from "./harness.mjs";
import { id, large, span, write } from "./traces.mjs";

const TRACE = id(0xb16);
const at = viewer((file) => write(file, large(TRACE, 1000)));

test("10,000 spans are shown, with few of them in the document", async () => {
  const page = await open(at);
  await page.locator("#run-0").waitFor();
  const began = Date.now();
  await page.keyboard.press("Enter");
  await page.locator(".span-row").first().waitFor();
  console.log(`    opened in ${Date.now() - began} ms`);
  assert.equal(await page.locator(".span-grid").getAttribute("aria-rowcount"), "10002");
  assert.ok((await page.locator(".span-row").count()) < 80);
  await page.keyboard.press("End");
  await page.locator('.span-row[aria-rowindex="10002"]').waitFor();
  await page.keyboard.press("Home");
  await page.locator('.span-row[aria-rowindex="2"]').waitFor();
  await page.keyboard.press("e");
  await page.locator('.span-row[aria-selected="true"]', { hasText: "tool_5" }).waitFor();
  await close(page);
});

test("10,000 spans scroll smoothly", async () => {
  const page = await open(at, `#/run/${TRACE}`);
  await page.locator(".span-row").first().waitFor();
  // How long a frame takes depends on what else the machine does; how much work it is does not.
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => (await session.send("Performance.getMetrics")).metrics.find((metric) => metric.name === "TaskDuration").value * 1000;
  const before = await worked();
  const frames = await page.evaluate(async () => {
    const grid = document.querySelector(".span-grid");
    const times = [];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    let last = await frame();
    // Three seconds of a hard wheel, at 60 Hz.
    for (let step = 0; step < 180; step += 1) {
      grid.scrollTop += 260;
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    const sorted = [...times].sort((a, b) => a - b);
    return { count: times.length, median: sorted[Math.floor(sorted.length / 2)], p95: sorted[Math.floor(sorted.length * 0.95)], worst: sorted.at(-1), top: grid.scrollTop };
  });
  const work = ((await worked()) - before) / frames.count;
  console.log(`    ${work.toFixed(1)} ms of work a frame; ${frames.count} frames, median ${frames.median.toFixed(1)} ms, 95th percentile ${frames.p95.toFixed(1)} ms, worst ${frames.worst.toFixed(1)} ms`);
  assert.ok(frames.top > 40_000);
  assert.ok(work < 16, `${work} ms of work a frame, of 16.7`);
  await close(page);
});

test("20,000 runs are scrolled through and asked for only where one is", async () => {
  const file = `${at.folder}/many.jsonl`;
  const start = Date.now() - 20_000_000;
  write(file, Array.from({ length: 20_000 }, (_, number) => span({ trace: id(number + 1), number: 1, name: `job ${number}`, start: start + number * 1000, ms: 10 })));
  const { server, base } = await serve([file]);
  const page = await open({ ...at, base });
  await until(page, () => document.querySelector(".summary")?.textContent === "20,000 runs");
  let asked = 0;
  page.on("request", (request) => request.url().includes("/api/runs?") && (asked += 1));
  await page.evaluate(() => (document.querySelector(".list-grid").scrollTop = 52 * 12_345));
  await page.locator("#run-12345", { hasText: "job 7654" }).waitFor();
  assert.ok(asked <= 3, `${asked} questions`);
  await page.keyboard.press("End");
  await page.locator("#run-19999", { hasText: "job 0" }).waitFor();
  // From end to end at 60 Hz, past all two hundred pages: what rushes by is not asked for, so the end is there at once.
  asked = 0;
  let underWay = 0;
  let most = 0;
  const isList = (request) => request.url().includes("/api/runs?");
  page.on("request", (request) => isList(request) && (most = Math.max(most, (underWay += 1))));
  page.on("requestfinished", (request) => isList(request) && (underWay -= 1));
  await page.getByLabel("Search runs").fill("job");
  await until(page, () => document.querySelector(".summary").textContent === "20,000 of 20,000 runs");
  await page.evaluate(async () => {
    const grid = document.querySelector(".list-grid");
    const step = grid.scrollHeight / 120;
    for (let frame = 0; frame < 125; frame += 1) {
      grid.scrollTop += step;
      await new Promise((done) => requestAnimationFrame(done));
    }
  });
  await page.locator("#run-19999", { hasText: "job 0" }).waitFor();
  assert.ok(asked < 120, `${asked} questions for 200 pages`);
  assert.ok(most <= 4, `${most} questions at once`);
  // How long an answer takes depends on what else the machine does: it is said, and not judged.
  for (const query of ["limit=100", "errors=1", "tool=none", "min_ms=11", "since=1h", "text=job%2017", "attribute=a%3Db"]) {
    const began = performance.now();
    assert.equal((await page.request.get(`${base}api/runs?${query}`)).status(), 200, query);
    console.log(`    ${query} in ${Math.round(performance.now() - began)} ms`);
  }
  await page.locator("#run-19999 a").click();
  await page.locator(".span-row", { hasText: "job 0" }).waitFor();
  await close(page);
  server.kill();
});

test("a run with 130,000 different tools has a breakdown, which shows those that took longest", async () => {
  const page = await open(at);
  await page.route(`**/api/runs/${TRACE}`, async (route) => {
    const answer = await (await route.fetch()).json();
    answer.by_tool = Array.from({ length: 130_000 }, (_, number) => ({ tool: `t${number}`, calls: 1, errors: 0, duration: number === 77_777 ? 9 : 1 }));
    answer.run.tools = answer.by_tool.map(({ tool }) => ({ name: tool, calls: 1 }));
    await route.fulfill({ json: answer });
  });
  await page.goto(`${at.base}#/run/${TRACE}?view=breakdown`);
  const tools = page.getByRole("region", { name: "Tools", exact: true });
  await tools.getByText("and 129,800 more").waitFor();
  assert.match((await tools.locator("tbody tr").first().innerText()).replace(/\s+/g, " "), /^t77777 1 0 9/);
  assert.ok((await page.locator("tr").count()) < 300);
  await close(page);
});
