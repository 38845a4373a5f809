// Template files in an editor: the language server that editors use for YAML completes and checks them by the schema that
// their first line names, as `init` and `import --write` write both. The same for certctl.toml with Taplo, which knows TOML.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { Project, uuid } from "./project.mjs";

const resolve = createRequire(import.meta.url).resolve;
const server = resolve("yaml-language-server/bin/yaml-language-server");
const taplo = resolve("@taplo/cli/dist/cli.js");
const line = "# yaml-language-server: $schema=../.certctl.templates.schema.json\n";

/** A language server over stdio. */
class Editor {
  constructor() {
    this.process = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.received = Buffer.alloc(0);
    this.answers = new Map();
    this.diagnostics = new Map();
    this.number = 0;
    this.process.stdout.on("data", (data) => {
      this.received = Buffer.concat([this.received, data]);
      this.read();
    });
  }

  read() {
    for (;;) {
      const end = this.received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.received.subarray(0, end).toString())[1]);
      if (this.received.length < end + 4 + length) return;
      const message = JSON.parse(this.received.subarray(end + 4, end + 4 + length).toString());
      this.received = this.received.subarray(end + 4 + length);
      this.take(message);
    }
  }

  take(message) {
    if (message.method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = message.params;
      this.diagnostics.get(uri)?.(diagnostics);
    } else if (message.method !== undefined && message.id !== undefined) {
      // What the server asks of its editor: settings, none of which are set, and registrations.
      const result = message.method === "workspace/configuration" ? message.params.items.map(() => null) : null;
      this.send({ id: message.id, result });
    } else {
      this.answers.get(message.id)?.(message);
    }
  }

  send(message) {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  async ask(method, params) {
    const id = ++this.number;
    const answer = new Promise((resolve) => this.answers.set(id, resolve));
    this.send({ id, method, params });
    const { result, error } = await answer;
    assert.equal(error, undefined, JSON.stringify(error));
    return result;
  }

  /** Opens a file and answers what is wrong in it. */
  open(file, text) {
    const uri = pathToFileURL(file).href;
    const diagnostics = new Promise((resolve) => this.diagnostics.set(uri, resolve));
    this.send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
    return diagnostics;
  }

  async completions(file, place) {
    const answer = await this.ask("textDocument/completion", { textDocument: { uri: pathToFileURL(file).href }, position: place });
    return (answer.items ?? answer).map((item) => item.label);
  }
}

const project = Project.academy();
const editor = new Editor();

before(async () => {
  project.write(".certctl.templates.schema.json", project.run("schema", "templates"));
  await editor.ask("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(project.folder).href,
    capabilities: { textDocument: { completion: { completionItem: { snippetSupport: false } } } },
  });
  editor.send({ method: "initialized", params: {} });
});

after(() => {
  editor.process.kill();
  project.remove();
});

test("the example academy has no problem", async () => {
  for (const name of ["cloud", "layouts", "compliance", "partners", "japanese"]) {
    const file = project.path(`templates/${name}.yaml`);
    assert.deepEqual(await editor.open(file, line + readFileSync(file, "utf8")), [], name);
  }
});

test("wrong values and names are marked at their lines", async () => {
  const text = `${line}templates:\n  cloud-101:\n    titel: Cloud 101\n    expirationDays: \${var.days}\n    recertificationAction: reset\n`;
  const found = await editor.open(project.path("templates/wrong.yaml"), text);
  const lines = found.map((problem) => problem.range.start.line).sort();
  assert.deepEqual([...new Set(lines)], [3, 5], JSON.stringify(found));
  assert.match(found.map((problem) => problem.message).join("\n"), /titel/);
});

test("fields and values are completed", async () => {
  const begin = `${line}templates:\n  cloud-101:\n    title: Cloud 101\n`;
  const fields = project.path("templates/fields.yaml");
  await editor.open(fields, `${begin}    recert\n`);
  const names = await editor.completions(fields, { line: 4, character: 10 });
  assert.ok(names.includes("recertificationAction") && names.includes("recertificationInstructions"), names.join(", "));
  const values = project.path("templates/values.yaml");
  await editor.open(values, `${begin}    resourceType: \n`);
  const words = await editor.completions(values, { line: 4, character: 18 });
  assert.ok(words.includes("course") && words.includes("learningPath"), words.join(", "));
});

/** Tries out a template file as the program wrote it, edited by a person. */
async function isKnownToEditors(project, file) {
  const path = project.path(file);
  const text = project.read(file);
  assert.deepEqual(await editor.open(path, text), [], text);
  const lines = text.split("\n");
  const place = lines.findIndex((line) => line.startsWith("    title: ")) + 1;
  const edited = (added) => lines.toSpliced(place, 0, ...added).join("\n");
  const wrong = path.replace(".yaml", "-wrong.yaml");
  const found = await editor.open(wrong, edited(["    recertificationAfterDays: ${var.days}", "    titel: Cloud"]));
  assert.deepEqual(found.map((problem) => problem.range.start.line), [place + 1], JSON.stringify(found));
  assert.match(found[0].message, /titel/);
  const begun = path.replace(".yaml", "-begun.yaml");
  await editor.open(begun, edited(["    recertificationAuto"]));
  const names = await editor.completions(begun, { line: place, character: 23 });
  assert.ok(names.includes("recertificationAutoReset"), names.join(", "));
}

test("what init writes is known to editors", async () => {
  const project = new Project();
  try {
    project.run("init");
    await isKnownToEditors(project, "templates/cloud.yaml");
  } finally {
    project.remove();
  }
});

test("what import writes is known to editors", async () => {
  const project = new Project();
  try {
    project.write("certctl.toml", '[environments.production]\nurl = "https://academy.example.com"\n');
    const rows = [1, 2, 3, 4].map((number) => `${uuid(number)},Cloud ${number},course,${uuid(number + 100)},,,365,2026-01-01T00:00:00Z`);
    project.write("seen.csv", ["id,title,resourceType,resourceId,userCustomFieldSlug,userCustomFieldValue,expirationDays,updatedAt", ...rows, ""].join("\n"));
    const folder = "templates/eu/cloud";
    project.run("import", "--from-csv", "seen.csv", "--write", folder);
    for (const file of readdirSync(project.path(folder))) {
      await isKnownToEditors(project, `${folder}/${file}`);
    }
  } finally {
    project.remove();
  }
});

test("what init writes into certctl.toml is known to editors", () => {
  const project = new Project();
  const lint = () => spawnSync(process.execPath, [taplo, "lint", "certctl.toml"], { cwd: project.folder, encoding: "utf8" });
  try {
    project.run("init");
    const right = lint();
    assert.equal(right.status, 0, right.stderr);
    project.edit("certctl.toml", (text) => text.replace("default_environment", "default_enviroment"));
    const wrong = lint();
    assert.equal(wrong.status, 1, wrong.stderr);
    assert.match(wrong.stderr, /default_enviroment/);
  } finally {
    project.remove();
  }
});
