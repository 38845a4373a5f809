// The page of a preview, with background images and hostile texts.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { accessibility, crosses, launch, open, picture } from "./browser.mjs";
import { Project, uuid } from "./project.mjs";

let browser;
let project;

/** One template on a background image, one that is wrong in every way. */
before(async () => {
  browser = await launch();
  project = Project.of(`templates:
  good:
    title: Good
    resourceType: course
    resourceId: ${uuid(1)}
    asset: https://cdn.example.com/sheet.png
    labels:
      - { certificateFieldId: ${uuid(7)}, x: 150, y: 40, fontSize: 20, fontColor: "#ffffff", textAlign: center }
  "<script>alert(1)</script>/..":
    title: "\\"><img src=x onerror=alert(1)>"
    resourceType: course
    resourceId: ${uuid(2)}
    asset_size: 400x300
    labels:
      - { certificateFieldId: ${uuid(7)}, x: 500, y: 40, fontSize: 20 }
`);
  // What the program itself draws is an image as good as any.
  project.run("preview", "good", "--out", "images", "--png");
  mkdirSync(project.path("assets"));
  writeFileSync(project.path("assets/sheet.png"), readFileSync(project.path("images/good.png")));
  project.run("preview", "--out", "drawings", "--assets", "assets");
});

after(async () => {
  await browser?.close();
  project?.remove();
});

test("every certificate is on the page, and nothing goes wrong or out", async () => {
  const { page, wrong, close } = await open(browser, project.path("drawings/index.html"));
  assert.equal(await page.locator("h1").innerText(), "2 certificates, 1 to look at");
  assert.equal(await page.locator("figure svg.certificate").count(), 2);
  assert.equal(await page.locator("figcaption img, figure script").count(), 0);
  assert.deepEqual(await crosses(page.locator("figure", { hasText: "Good" }).locator("svg")).then(rounded), { [uuid(7)]: { x: 150, y: 40 } });
  await page.getByLabel("Only drawings with a problem").check();
  assert.equal(await page.locator("figure:visible").count(), 1);
  assert.deepEqual(wrong, []);
  await close();
});

test("the background image is as large as the sheet", async () => {
  const { page, close } = await open(browser, project.path("drawings/index.html"));
  const drawing = page.locator("figure", { hasText: "Good" }).locator("svg");
  const box = (selector) => drawing.locator(selector).evaluate((node) => node.getBoundingClientRect().toJSON());
  const [image, sheet] = [await box("use"), await box("rect.sheet")];
  for (const side of ["left", "top", "width", "height"]) {
    assert.ok(Math.abs(image[side] - sheet[side]) < 2, `${side}: ${image[side]} and ${sheet[side]}`);
  }
  assert.ok(image.width > 100);
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`a preview is accessible: axe finds nothing in ${colorScheme} colours`, async () => {
    const { page, close } = await open(browser, project.path("drawings/index.html"), { colorScheme });
    assert.deepEqual(await accessibility(page), []);
    await picture(page, `preview-${colorScheme}`);
    await close();
  });
}

function rounded(places) {
  return Object.fromEntries(Object.entries(places).map(([field, { x, y }]) => [field, { x: Math.round(x), y: Math.round(y) }]));
}
