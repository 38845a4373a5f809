// Pages of templates that mean harm, of very many templates, of results and of failures.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { accessibility, launch, open, picture } from "./browser.mjs";
import { Project, uuid } from "./project.mjs";

const HOSTILE = [
  "<script>window.pwned=1</script>",
  "</details></section></main><h1>Plan: 0 to add</h1>",
  "\"><img src=x onerror=window.pwned=1>",
  "</style><style>*{display:none}</style>",
  "javascript:window.pwned=1",
  "{{ 7 * 7 }} {% raw %}",
  "]]></svg><script>window.pwned=1</script>",
  "\u202e reversed \u0007\u001b[2J",
  "@everyone #1 https://evil.example/",
  "x".repeat(100_000),
];

const projects = [];
let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
  projects.forEach((project) => project.remove());
});

function project(templates) {
  const made = Project.of(templates);
  projects.push(made);
  return made;
}

/** A template with this text wherever a text can be. */
function hostile(text, number, size) {
  const quoted = JSON.stringify(text);
  return `  ${JSON.stringify(`k${number} ${text.slice(0, 60).replace(/[\u0000-\u001f]/g, "").trim()}`)}:
    title: ${quoted}
    resourceType: course
    resourceId: ${uuid(number)}
    customCss: ${quoted}
    recertificationInstructions: ${JSON.stringify(`${text}\nsecond line ${size}\n`)}
    extra: { ${JSON.stringify(text.slice(0, 40))}: ${quoted} }
    labels:
      - { certificateFieldId: ${uuid(9)}, x: ${size}, y: 20, fontSize: 20, fontColor: "#ffffff" }
`;
}

test("no text of a template does anything", async () => {
  const all = (size) => `templates:\n${HOSTILE.map((text, number) => hostile(text, number + 10, size)).join("")}`;
  const made = project(all(10));
  made.run("plan", "--report", "html=create.html");
  made.run("apply", "--auto-approve", "--report", "html=apply.html");
  made.write("templates/all.yaml", all(20));
  made.run("plan", "--report", "html=update.html");
  for (const file of ["create.html", "update.html", "apply.html"]) {
    const { page, wrong, close } = await open(browser, made.path(file));
    assert.deepEqual(wrong, [], file);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.equal(await page.locator("script").count(), 1);
    assert.equal(await page.locator("style").count(), 1);
    assert.equal(await page.locator("img, iframe, object, embed, link, a[href^=javascript]").count(), 0);
    assert.equal(await page.locator("h1").count(), 1);
    const { scroll, width } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: innerWidth }));
    assert.ok(scroll <= width, `${file} is ${scroll} wide`);
    const text = await page.locator("main").innerText();
    assert.ok(!/[\u0007\u001b\u202e]/.test(text), "control characters are shown, not sent");
    if (file !== "apply.html") assert.ok(text.includes("<script>window.pwned=1</script>"));
    await picture(page, `hostile-${file.replace(".html", "")}`, { fullPage: false });
    await close();
  }
});

test("five thousand changes open, fold and are searched", async () => {
  const all = (word) =>
    `templates:\n${Array.from({ length: 5000 }, (_, number) => `  t-${number}:\n    title: ${word} ${number}\n    resourceType: course\n    resourceId: ${uuid(number)}\n    labels: [{ certificateFieldId: ${uuid(1)}, x: ${number % 900}, y: 20 }]\n`).join("")}`;
  const made = project(all("Old"));
  made.run("apply", "--auto-approve", "--max-changes", "5000", "-q");
  made.write("templates/all.yaml", all("New"));
  made.run("plan", "--max-changes", "5000", "--report", "html=plan.html");
  const { page, wrong, close } = await open(browser, made.path("plan.html"));
  assert.equal(await page.locator("details.item").count(), 5000);
  assert.equal(await page.locator("details.item[open]").count(), 0);
  await page.locator("#search").fill("t-4711");
  await page.waitForFunction(() => document.querySelector("output").textContent.startsWith("1 of 5000"));
  await page.locator("details.item:visible > summary").click();
  assert.match(await page.locator("details.item:visible dl").first().innerText(), /New 4711/);
  assert.deepEqual(wrong, []);
  await picture(page, "five-thousand", { fullPage: false });
  await close();
});

test("a result says what came of every row", async () => {
  const made = project(
    `templates:\n  good: { title: Good, resourceType: course, resourceId: ${uuid(5)} }\n  bad: { title: Bad, resourceType: course, resourceId: 00000000-0000-0000-0000-000000000000 }\n`,
  );
  assert.equal(made.exit("apply", "--auto-approve", "--report", "html=apply.html"), 3);
  const { page, wrong, close } = await open(browser, made.path("apply.html"), { colorScheme: "dark" });
  assert.deepEqual(await page.locator("h2").allInnerTexts(), ["Failed", "Created"]);
  assert.match(await page.locator("details.item.failed").innerText(), /bad[\s\S]*Resource not found/);
  assert.deepEqual(await accessibility(page), []);
  assert.deepEqual(wrong, []);
  await picture(page, "apply-dark");
  await close();
});

test("a plan without changes is a page, too", async () => {
  const made = project(`templates:\n  a: { title: A, resourceType: course, resourceId: ${uuid(5)} }\n`);
  made.run("apply", "--auto-approve");
  made.run("plan", "--report", "html=plan.html");
  const { page, wrong, close } = await open(browser, made.path("plan.html"));
  assert.equal(await page.locator("h1").innerText(), "No changes. Environment: sandbox.");
  assert.deepEqual(await accessibility(page), []);
  assert.deepEqual(wrong, []);
  await close();
});
