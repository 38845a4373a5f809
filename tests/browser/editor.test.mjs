// Template files in an editor: the language server that editors use for YAML completes and checks them by the schema that
// `certctl schema templates` prints, named in the first line of a file.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { Project } from "./project.mjs";

const server = createRequire(import.meta.url).resolve("yaml-language-server/bin/yaml-language-server");
const line = "# yaml-language-server: $schema=../.certctl/templates.schema.json\n";

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
  mkdirSync(project.path(".certctl"));
  project.write(".certctl/templates.schema.json", project.run("schema", "templates"));
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
