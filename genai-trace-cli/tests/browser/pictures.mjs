// node pictures.mjs TRACES.jsonl FOLDER: the first run of the file with the panel of its slowest model call, light and dark.

import { join } from "node:path";
import { chromium, serve } from "./harness.mjs";

const [file, folder] = process.argv.slice(2);
const { server, base } = await serve([file]);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
for (const [name, colorScheme] of [
  ["viewer.png", "light"],
  ["viewer-dark.png", "dark"],
]) {
  const page = await browser.newPage({ viewport: { width: 1480, height: 860 }, colorScheme, reducedMotion: "reduce" });
  await page.goto(base);
  await page.locator("#run-0 a").click();
  await page.locator(".span-row", { hasText: "execute_tool" }).first().click();
  await page.locator(".detail .attributes").first().waitFor();
  await page.evaluate(() => {
    document.querySelector(".span-grid").scrollTop = 0;
    document.activeElement.blur();
  });
  await page.screenshot({ path: join(folder, name) });
  await page.close();
}
await browser.close();
server.kill();
