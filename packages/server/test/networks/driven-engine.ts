import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Capabilities } from "@berth/protocol";
import type { GrantedProfile } from "../../src/core/network/profile.ts";
import { plainSurroundings } from "../../src/core/stages/surroundings.ts";
import type { Engine, Exit, Launch } from "../../src/engines/engine.ts";
import { handleFor } from "../../src/engines/local/jobs/handle.ts";
import type { LocalEngineOptions } from "../../src/engines/local/local-engine-options.ts";
import { cgroupNameOf, removeControlGroups } from "../support/cgroup-name.ts";
import { launchOn } from "../support/engine-bench.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { testProgram } from "../support/launcher.ts";
import { sandboxMaker } from "../support/local-subject.ts";

type Methods = Pick<
  Engine,
  "start" | "wait" | "stop" | "contacts" | "destroy" | "recover" | "list" | "plan" | "check" | "standby"
> & { exchange(handle: string, port: number, said: string): Promise<string> };

/** A folder with the local engine of a server that runs in another network namespace, and that can be killed. */
export class DrivenEngine implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), "berth-networks-"));
  readonly notices: string[] = [];
  readonly #into: readonly [string, ...string[]];
  readonly #options: Partial<LocalEngineOptions>;
  #child: ChildProcess | null = null;
  #capabilities: Capabilities | null = null;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #asked = 0;

  /** `into`: the program that gets another there. */
  constructor(into: readonly [string, ...string[]], options: Partial<LocalEngineOptions> = {}) {
    this.#into = into;
    this.#options = options;
  }

  get capabilities(): Capabilities {
    if (!this.#capabilities) throw new Error("it is not open");
    return this.#capabilities;
  }

  get dataDir(): string {
    return join(this.root, "data");
  }

  /** The signal that has ended the last server; null where it ended by itself, or goes on. */
  get endedBy(): NodeJS.Signals | null {
    return this.#child?.signalCode ?? null;
  }

  /** The process of the server. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts the server, which dies where it comes to that point. */
  async open(crashPoint = ""): Promise<void> {
    const options: LocalEngineOptions = {
      dataDir: this.dataDir,
      cgroupName: cgroupNameOf(this.root),
      sandboxMaker,
      // Of each kind: more would have to be made, and thrown away, by every test.
      sparePlaces: 2,
      range: "10.99.0.0/16",
      ...this.#options,
    };
    const program = testProgram(new URL("engine-driver.ts", import.meta.url));
    const [command, ...args] = this.#into;
    const child = spawn(command, [...args, ...program, JSON.stringify(options), crashPoint], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child = child;
    const up = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on("line", (line) => {
      const words = JSON.parse(line) as unknown[];
      if (words[0] === "up") {
        this.#capabilities = words[1] as Capabilities;
        up.resolve();
      } else this.#hear(words);
    });
    child.once("exit", (code, signal) => {
      const gone = new Error(`the server has ended with ${signal ?? code}`);
      up.reject(gone);
      for (const [id, answer] of this.#open) {
        this.#open.delete(id);
        answer.reject(gone);
      }
    });
    await up.promise;
  }

  async call<Name extends keyof Methods>(
    method: Name,
    ...args: Parameters<Methods[Name]> extends [infer First, AbortSignal]
      ? [First]
      : Parameters<Methods[Name]>
  ): Promise<Awaited<ReturnType<Methods[Name]>>> {
    this.#asked += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#open.set(this.#asked, answer);
    this.#child?.stdin?.write(`${JSON.stringify([this.#asked, method, args])}\n`);
    return (await answer.promise) as Awaited<ReturnType<Methods[Name]>>;
  }

  /** Of what was called last. */
  async cancel(): Promise<void> {
    this.#asked += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#open.set(this.#asked, answer);
    this.#child?.stdin?.write(`${JSON.stringify([this.#asked, "cancel", [this.#asked - 1]])}\n`);
    await answer.promise;
  }

  newLaunch(
    argv: readonly [string, ...string[]],
    network: GrantedProfile | null,
    more: Partial<Launch> = {},
  ): Launch {
    const [command, ...args] = argv;
    const overrides = { ...plainSurroundings, ...(network && { network }), ...more };
    return launchOn({ handleFor }, { line: { command, args }, overrides, root: this.root });
  }

  async start(...parts: Parameters<DrivenEngine["newLaunch"]>): Promise<Launch> {
    const launch = this.newLaunch(...parts);
    await this.call("start", launch);
    return launch;
  }

  /** A whole life, until it has ended: it is not removed. */
  async run(
    ...parts: Parameters<DrivenEngine["newLaunch"]>
  ): Promise<{ launch: Launch; exit: Exit; stdout: string }> {
    const launch = await this.start(...parts);
    const exit = await this.call("wait", launch.handle);
    return { launch, exit, stdout: readFileSync(launch.output.stdout, "utf8") };
  }

  /** As with `kill -9`. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || !this.#isOpen) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** As by an operator: jobs go on. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child || !this.#isOpen) return;
    const ended = once(child, "exit");
    child.stdin?.end();
    await ended;
  }

  /** Also what a test that failed has left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) await this.open();
    for (const { handle } of await this.call("list")) await this.call("destroy", handle);
    await this.close();
    await removeControlGroups(cgroupNameOf(this.root), { run: placesOf(this.dataDir).run });
    rmSync(this.root, { recursive: true, force: true });
  }

  get #isOpen(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #hear([what, result, problem]: unknown[]): void {
    if (what === "notice") {
      this.notices.push(JSON.stringify(result));
      return;
    }
    const answer = this.#open.get(Number(what));
    this.#open.delete(Number(what));
    if (problem === undefined) answer?.resolve(result);
    else answer?.reject(new Error(typeof problem === "string" ? problem : JSON.stringify(problem)));
  }
}
