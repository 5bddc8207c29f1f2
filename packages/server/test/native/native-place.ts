import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { type ExitRecord, parseExit } from "./exit-record.ts";
import { type LaunchMessage, launchMessage } from "./launch-message.ts";
import type { SandboxHost } from "./sandbox-host.ts";

export interface PlaceJob extends Partial<LaunchMessage> {
  /** Written as it is, in place of what a message would be made of. */
  message?: Buffer;
  stdin?: string;
  limit?: number;
  mode?: "stop" | "discard";
  /** Where its output goes; its own folder unless given. */
  outputFolder?: string;
}

/** A place with its shim, as the engine sees it. */
export class NativePlace {
  readonly #host: SandboxHost;
  readonly name: string;
  readonly #alive: Socket;
  #go: number;
  #current: string;
  #heard = "";
  #isGone = false;
  readonly #listeners = new Set<() => void>();

  /**
   * `blocked`: a file of the shim in whose place there is something else. `group`: the files of its one control group,
   * which is a plain folder here. `files`: what else is there when the shim comes.
   */
  constructor(
    host: SandboxHost,
    {
      blocked,
      group,
      files = {},
    }: {
      blocked?: string;
      group?: Readonly<Record<string, string>>;
      files?: Readonly<Record<string, string | Buffer>>;
    } = {},
  ) {
    this.#host = host;
    this.name = host.newName();
    this.#current = this.name;
    mkdirSync(this.folder, { mode: 0o711 });
    if (blocked !== undefined) {
      mkdirSync(join(this.folder, blocked));
      writeFileSync(join(this.folder, blocked, "in-the-way"), "");
    }
    if (group) this.#makeGroup(group);
    execFileSync("/usr/bin/mkfifo", ["-m", "600", join(this.folder, "alive"), join(this.folder, "go")]);
    for (const [file, content] of Object.entries({ "config.json": host.config, ...files }))
      writeFileSync(join(this.folder, file), content);
    const alive = openSync(join(this.folder, "alive"), constants.O_RDONLY | constants.O_NONBLOCK);
    this.#alive = new Socket({ fd: alive, readable: true, writable: false });
    this.#alive.on("data", (chunk: Buffer) => this.#hear(chunk.toString("latin1")));
    this.#alive.on("end", () => this.#gone());
    this.#alive.on("error", () => this.#gone());
    this.#go = openSync(join(this.folder, "go"), constants.O_RDWR | constants.O_NONBLOCK);
    host.shim(this);
  }

  get folder(): string {
    return join(this.#host.view, "jobs", this.#current);
  }

  get heard(): string {
    return this.#heard;
  }

  /** Waits for that byte; false when the shim ended without it. */
  async hears(byte: string): Promise<boolean> {
    while (!this.#heard.includes(byte) && !this.#isGone) await this.#change();
    return this.#heard.includes(byte);
  }

  send(line: string): void {
    writeSync(this.#go, line);
  }

  /** As a server that dies. */
  letGo(): void {
    closeSync(this.#go);
    this.#go = -1;
  }

  /** Writes what a server writes, renames the place, and hands the job over. */
  give(job: PlaceJob): void {
    const { message, stdin = "", limit, mode = "discard", argv = [], outputFolder, ...launch } = job;
    const id = this.name.replace("place.", "job-");
    renameSync(this.folder, join(this.#host.view, "jobs", id));
    this.#current = id;
    writeFileSync(join(this.folder, "launch"), message ?? launchMessage({ argv, ...launch }));
    writeFileSync(join(this.folder, "stdin"), stdin, { mode: 0o644 });
    const files = ["out", "err", "index"].map((name) => join(outputFolder ?? this.folder, name));
    this.send(`job\t${[id, ...files, limit ?? "-", mode].join("\t")}\n`);
  }

  read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  /** Waits until its standard output holds that. */
  async shows(text: string): Promise<void> {
    const out = join(this.folder, "out");
    await until(() => existsSync(out) && readFileSync(out).includes(text), {
      what: `"${text}" in the output`,
    });
  }

  /** Its pid 1, as the shim has noted it. */
  get pid(): number {
    return Number(/^Pid:\t(\d+)$/m.exec(this.read("seen").toString())?.[1] ?? 0);
  }

  /** Ends what a failed test has left. */
  async clear(): Promise<void> {
    if (this.#isGone) return;
    const { pid } = this;
    if (pid > 1) process.kill(pid, "SIGKILL");
    await this.ended();
  }

  /** Waits until the shim is gone, and says what it left. */
  async ended(): Promise<ExitRecord> {
    while (!this.#isGone) await this.#change();
    if (this.#go >= 0) this.letGo();
    rmSync(this.#groups, { recursive: true, force: true });
    return parseExit(this.read("exit"));
  }

  get #groups(): string {
    return join(this.#host.view, "groups/0");
  }

  #makeGroup(files: Readonly<Record<string, string>>): void {
    const folder = join(this.#groups, this.name);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listeners.add(resolve);
    await promise;
    this.#listeners.delete(resolve);
  }

  #hear(text: string): void {
    this.#heard += text;
    for (const listener of this.#listeners) listener();
  }

  #gone(): void {
    this.#isGone = true;
    this.#hear("");
  }
}
