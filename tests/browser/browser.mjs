// Headless Chromium, and what every page must hold.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { pictures } from "./project.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function launch() {
  const executablePath = candidates.find((path) => path && existsSync(path));
  assert.ok(executablePath, "no Chromium was found: install Debian's package chromium, or name it in CHROMIUM");
  mkdirSync(pictures, { recursive: true });
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
  });
}

/** A page, and everything that went wrong or out while it was open. */
export async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const address = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) wrong.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  return { page, wrong, close: () => context.close() };
}

/** Keeps a picture of the page for people to look at. */
export function picture(page, name, options = {}) {
  return page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, ...options });
}

/** What axe finds against WCAG 2.2 A and AA. */
export async function accessibility(page) {
  // The page's policy lets no script in, and that is right: this one comes from outside it.
  const session = await page.context().newCDPSession(page);
  const { readFileSync } = await import("node:fs");
  await session.send("Runtime.evaluate", { expression: readFileSync(axe, "utf8") });
  const { result } = await session.send("Runtime.evaluate", {
    expression: `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
      .then((found) => JSON.stringify(found.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | "))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  return JSON.parse(result.value);
}

/** Where each label of a drawing has its cross, in the certificate's own pixels. */
export function crosses(drawing) {
  return drawing.evaluate((svg) =>
    Object.fromEntries(
      [...svg.querySelectorAll("g.label")].map((label) => {
        const box = label.querySelector(".anchor").getBoundingClientRect();
        const middle = new DOMPoint(box.left + box.width / 2, box.top + box.height / 2);
        const { x, y } = middle.matrixTransform(svg.getScreenCTM().inverse());
        return [label.dataset.field, { x, y }];
      }),
    ),
  );
}
