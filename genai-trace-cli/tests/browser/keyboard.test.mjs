// Everything by keys.

import assert from "node:assert/strict";
import test from "node:test";
import { close, open, until, viewer } from "./harness.mjs";
import { id, run, write } from "./traces.mjs";

const at = viewer((file) => write(file, [1, 2, 3].flatMap((number) => run({ trace: id(number), start: Date.now() - number * 60_000 }))));
const chosen = (page, name) => until(page, (wanted) => document.querySelector('.span-row[aria-selected="true"] .span-name')?.textContent === wanted, name);

test("a walk from the list into a span and back needs no mouse", async () => {
  const page = await open(at);
  await page.locator("#run-2").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("k");
  await page.locator('#run-1[aria-selected="true"]').waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".span-row").first().waitFor();
  assert.ok(page.url().endsWith(id(2)));
  await page.keyboard.press("j");
  await chosen(page, "invoke_agent coder");
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowLeft");
  await page.locator('.span-row[aria-selected="true"][aria-expanded="false"]').waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await chosen(page, "chat gpt-4o-mini");
  await page.keyboard.press("ArrowLeft");
  await chosen(page, "agent.turn");
  await page.keyboard.press("e");
  await chosen(page, "execute_tool read_file");
  await page.keyboard.press("Enter");
  await page.locator(".detail h2", { hasText: "execute_tool read_file" }).waitFor();
  await page.keyboard.press("k");
  await page.locator(".detail h2", { hasText: "gate allow_command" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".detail").waitFor({ state: "hidden" });
  for (const [key, what] of [["2", ".span-grid.tree"], ["3", ".conversation .message"], ["4", ".breakdown .card"], ["1", ".span-grid.timeline"]]) {
    await page.keyboard.press(key);
    await page.locator(what).first().waitFor();
  }
  await page.keyboard.press("Escape");
  await page.locator("#run-2").waitFor();
  await close(page);
});

test("finding in spans marks what matches and goes from one to the next", async () => {
  const page = await open(at, `#/run/${id(1)}`);
  await page.locator(".span-row").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("chat");
  await page.getByText("3 matches").waitFor();
  await chosen(page, "chat gpt-4o-mini");
  const at_ = () => page.locator('.span-row[aria-selected="true"]').getAttribute("aria-rowindex");
  const first = await at_();
  await page.keyboard.press("Enter");
  await until(page, (row) => document.querySelector('.span-row[aria-selected="true"]').getAttribute("aria-rowindex") !== row, first);
  await page.keyboard.type(" no such thing");
  await page.getByText("no match").waitFor();
  await close(page);
});

test("the search is at / and the keys of a field are its own", async () => {
  const page = await open(at);
  await page.locator("#run-0").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("jke?");
  assert.equal(await page.getByLabel("Search runs").inputValue(), "jke?");
  assert.equal(await page.locator("dialog").count(), 0);
  await close(page);
});

test("? tells the keys of the view, and Escape closes that", async () => {
  const page = await open(at);
  await page.locator("#run-0").waitFor();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard" });
  await dialog.getByText("compare with another run").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  await page.locator(".span-row").first().waitFor();
  await page.keyboard.press("?");
  await dialog.getByText("the next error").waitFor();
  await close(page);
});

test("Tab reaches every control, and each shows that it has the focus", async () => {
  const page = await open(at, `#/run/${id(1)}?span=0b5e266d9a76eeb7`);
  await page.locator(".detail .attributes").first().waitFor();
  await page.locator(".brand").focus();
  const reached = new Set();
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    const { name, isShown } = await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      const field = element.closest("label.button") ?? element;
      const isOutlined = (one) => getComputedStyle(one).outlineStyle !== "none";
      return { name: element.getAttribute("aria-label") ?? element.textContent.trim(), isShown: element === document.body || isOutlined(element) || isOutlined(field) || style.boxShadow !== "none" || element.matches("[role=treegrid]") };
    });
    assert.ok(isShown, `${name} does not show its focus`);
    reached.add(name);
  }
  for (const name of ["All runs", "Good", "Bad", "Add note", "Timeline", "Find in spans", "Spans in time", "Close (esc)", "Copy the span id"]) assert.ok(reached.has(name), `${name}: not reached, but ${[...reached].join(" | ")}`);
  await close(page);
});
