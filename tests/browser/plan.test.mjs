// The page of a plan, as a reviewer opens it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { accessibility, crosses, launch, open, picture } from "./browser.mjs";
import { Project, uuid } from "./project.mjs";

let browser;
let academy;
let plan;

/** One update of its own, one on many templates, a create, an orphan and a drawing with a problem. */
before(async () => {
  browser = await launch();
  academy = Project.academy();
  academy.run("apply", "--auto-approve");
  academy.edit("templates/cloud.yaml", (text) =>
    text
      .replace("title: Cloud 101 – Foundations", "title: Cloud 101 – Foundations of the Cloud")
      .concat(`  cloud-new:\n    layout: badge\n    title: New\n    resourceId: ${uuid(1)}\n`),
  );
  academy.edit("templates/layouts.yaml", (text) =>
    text
      .replace("x: 800, y: 430", "x: 700, y: 460")
      .replace(/ +- \{ certificateFieldId: "\$\{var.field_identifier\}", x: 240.*\n/, "")
      .replace("x: 400, y: 740", "x: 400, y: 840"),
  );
  academy.edit("templates/partners.yaml", (text) => text.replace(/ {2}partner-solution-seller:[\s\S]*$/, ""));
  academy.run("plan", "--out", "change.plan", "--report", "html=plan.html", "--report", "json=plan.json");
  plan = JSON.parse(academy.read("plan.json"));
});

after(async () => {
  await browser?.close();
  academy?.remove();
});

test("nothing goes wrong, nothing is loaded, and the policy is there", async () => {
  const { page, wrong, close } = await open(browser, academy.path("plan.html"));
  assert.equal(await page.locator("h1").innerText(), "Plan: 1 to add, 24 to change, 0 to destroy, 1 orphaned. Environment: sandbox.");
  assert.equal(await page.locator("footer .verdict").innerText(), await page.locator("h1").innerText());
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:/);
  // The policy holds: what a page that was tampered with would try is stopped.
  const stopped = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.pwned = true";
    document.body.append(script);
    return window.pwned === undefined;
  });
  assert.ok(stopped);
  assert.deepEqual(wrong.filter((line) => !line.includes("Content Security Policy")), []);
  await picture(page, "plan-light");
  await close();
});

test("every label is drawn exactly where the plan says, before and after", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  const seen = { labels: 0, moved: 0 };
  for (const action of plan.actions.filter((action) => action.action === "update" || action.action === "create")) {
    const item = page.locator("details.item", { has: page.locator("h3", { hasText: new RegExp(`^${action.key}$`) }) });
    if ((await item.count()) === 0) continue; // told with others that change alike
    for (const [caption, attributes] of [["Before", action.before], ["After", action.after]]) {
      const figure = item.locator("figure", { has: page.locator("figcaption", { hasText: new RegExp(`^${caption}`) }) });
      if (!attributes || (await figure.count()) === 0) continue;
      const drawn = await crosses(figure.locator("svg"));
      assert.equal(Object.keys(drawn).length, attributes.labels.length);
      for (const label of attributes.labels) {
        const at = drawn[label.certificateFieldId];
        assert.ok(Math.abs(at.x - label.x) < 0.5 && Math.abs(at.y - label.y) < 0.5, `${action.key} ${JSON.stringify({ label, at })}`);
        seen.labels += 1;
      }
      seen.moved += await figure.locator(".moved .arrow").count();
    }
  }
  assert.ok(seen.labels > 20 && seen.moved >= 2, JSON.stringify(seen));
  assert.ok((await page.locator(".removed text[text-decoration]").count()) > 0);
  await close();
});

test("the drawing flags what is outside the sheet", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  const created = page.locator("details.item", { has: page.locator("h3", { hasText: "cloud-new" }) });
  assert.match(await created.locator(".problems").innerText(), /linkedin is outside the sheet, at 400, 840/);
  assert.equal(await created.locator("svg .outside").count(), 1);
  assert.match(await created.locator(".sheet").last().innerText(), /800 × 800 px, from the layout badge/);
  await close();
});

test("on paper, drawings stand side by side and what is folded stays folded", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  await page.emulateMedia({ media: "print" });
  const pairs = page.locator(".figures", { has: page.locator("figure:nth-child(2)") });
  const [before, after] = await pairs.first().locator("figure").all();
  assert.equal((await before.boundingBox()).y, (await after.boundingBox()).y);
  assert.equal(await page.locator(".attributes:not([open]) dl:visible").count(), 0);
  assert.equal(await page.locator("form.filter:visible").count(), 0);
  await close();
});

test("search and filter show what fits and say how much", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  const all = await page.locator("details.item").count();
  assert.equal(await page.locator("output").innerText(), `${all} cards, 26 templates`);
  await page.keyboard.press("/");
  await page.keyboard.type("FOUNDATIONS cloud-101");
  // The list is filtered while somebody types, too.
  await page.waitForFunction((all) => document.querySelector("output").textContent === `1 of ${all} cards, 1 template`, all);
  assert.deepEqual(await page.locator("details.item:visible h3").allInnerTexts(), ["cloud-101"]);
  assert.equal(await page.locator("section:visible").count(), 1);
  await page.keyboard.press("Escape");
  await page.waitForFunction((all) => document.querySelector("output").textContent === `${all} cards, 26 templates`, all);
  await page.getByRole("checkbox", { name: "To change" }).uncheck();
  assert.equal(await page.locator("details.item.update:visible").count(), 0);
  assert.equal(await page.locator("details.item.create:visible").count(), 1);
  await page.getByRole("checkbox", { name: "Only drawings" }).check();
  assert.deepEqual(await page.locator("details.item:visible h3").allInnerTexts(), ["cloud-new"]);
  await page.locator("#search").fill("nothing is called this");
  await page.locator("#none").waitFor({ state: "visible" });
  await close();
});

test("a template that others resemble is found by any of their names", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  await page.locator("#search").fill("security-301-incident");
  await page.waitForFunction(() => document.querySelector("output").textContent.startsWith("1 of"));
  assert.match(await page.locator("details.item:visible .others").innerText(), /security-301-incident-response/);
  await close();
});

test("everything can be read without a script", async () => {
  const { page, wrong, close } = await open(browser, academy.path("plan.html"), { javaScriptEnabled: false });
  assert.ok(await page.locator("form.filter").isHidden());
  assert.ok(await page.getByText("cloud-101", { exact: true }).isVisible());
  assert.ok(await page.locator("details.item svg").first().isVisible());
  assert.deepEqual(wrong, []);
  await close();
});

test("it can be used with a keyboard alone", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  const summary = page.locator("details.item > summary").first();
  await summary.focus();
  const isOpen = () => summary.evaluate((element) => element.parentElement.open);
  const open_ = await isOpen();
  await page.keyboard.press("Enter");
  assert.notEqual(await isOpen(), open_);
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`a plan is accessible: axe finds nothing in ${colorScheme} colours`, async () => {
    const { page, close } = await open(browser, academy.path("plan.html"), { colorScheme });
    assert.deepEqual(await accessibility(page), []);
    await picture(page, `plan-${colorScheme}`);
    await close();
  });
}

test("drawings are told to those who cannot see them", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  const drawing = page.getByRole("img", { name: "After: cloud-101" });
  assert.equal(await drawing.count(), 1);
  assert.match(await drawing.locator("desc").textContent(), /learner name at 700, 460, moved/);
  await close();
});

test("on paper everything is unfolded, and the filter is not there", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"));
  await page.getByRole("button", { name: "Fold all", exact: true }).click();
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("form.filter").isHidden());
  assert.ok((await page.locator("details.item dl.changes").first().boundingBox()).height > 10);
  const pdf = await page.pdf({ format: "A4" });
  assert.ok(pdf.length > 10_000);
  await close();
});

test("a narrow screen scrolls down and not sideways", async () => {
  const { page, close } = await open(browser, academy.path("plan.html"), { viewport: { width: 360, height: 740 } });
  const { scroll, width } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: innerWidth }));
  assert.ok(scroll <= width, `${scroll} of ${width}`);
  await picture(page, "plan-narrow");
  await close();
});

test("a saved plan makes the same page, on any machine", async () => {
  academy.run("show", "change.plan", "--report", "html=shown.html");
  assert.equal(academy.read("shown.html"), academy.read("plan.html"));
});
