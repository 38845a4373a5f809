// Projects that the real program makes pages of, in temporary folders.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.CERTCTL_BIN ?? join(root, "target/debug/certctl");

/** Where the pictures of the pages are kept. */
export const pictures = process.env.CERTCTL_SCREENSHOTS ?? join(root, "target/browser");

export class Project {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "certctl-browser-"));
  }

  /** The example academy with a state of its own. */
  static academy() {
    const project = new Project();
    cpSync(join(root, "examples/academy"), project.folder, { recursive: true });
    project.edit("certctl.toml", (text) => text.replaceAll("../../state/", "state/"));
    return project;
  }

  /** One template file for the sandbox. */
  static of(templates) {
    const project = new Project();
    mkdirSync(join(project.folder, "templates"));
    project.write("certctl.toml", '[environments.sandbox]\nurl = "sandbox"\n[environments.sandbox.safety]\nmax_change_percent = 100\n');
    project.write("templates/all.yaml", templates);
    return project;
  }

  write(file, text) {
    writeFileSync(join(this.folder, file), text);
  }

  read(file) {
    return readFileSync(join(this.folder, file), "utf8");
  }

  edit(file, change) {
    const before = this.read(file);
    const after = change(before);
    if (after === before) throw new Error(`nothing changed in ${file}`);
    this.write(file, after);
  }

  path(file) {
    return join(this.folder, file);
  }

  /** Runs the program, which must succeed. */
  run(...args) {
    return execFileSync(program, args, {
      cwd: this.folder,
      encoding: "utf8",
      maxBuffer: 1 << 30,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs the program, and answers its exit code. */
  exit(...args) {
    return spawnSync(program, args, { cwd: this.folder, stdio: "ignore" }).status;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The id of a course, a field, or whatever else has one. */
export function uuid(number) {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}
