import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Networks, NetworksOptions } from "../../src/engines/local/networks/networks.ts";
import type { JobNames } from "../../src/engines/local/resolver/job-names.ts";
import { testProgram } from "../support/launcher.ts";
import { until } from "../support/until.ts";

type Methods = Pick<
  Networks,
  | "open"
  | "reopen"
  | "rulesOf"
  | "keep"
  | "placeNetwork"
  | "giveBack"
  | "grant"
  | "contacts"
  | "revoke"
  | "check"
> &
  Pick<JobNames, "admit" | "dismiss" | "named">;

/** The networks of a server that runs in another network namespace. */
export class DrivenNetworks implements AsyncDisposable {
  readonly notices: string[] = [];
  readonly lack: { why: string; fix: string } | null;
  readonly #child: ChildProcess;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #asked = 0;

  private constructor(child: ChildProcess, lack: { why: string; fix: string } | null) {
    this.#child = child;
    this.lack = lack;
  }

  /** `networkOption`: what nsenter takes to get there. */
  static async open(
    networkOption: string,
    options: Omit<NetworksOptions, "onNotice">,
  ): Promise<DrivenNetworks> {
    const program = testProgram(new URL("networks-driver.ts", import.meta.url));
    const child = spawn("/usr/bin/nsenter", [networkOption, ...program, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const [first] = (await once(lines, "line")) as [string];
    const [, lack] = JSON.parse(first) as [string, { why: string; fix: string } | null];
    const driven = new DrivenNetworks(child, lack);
    lines.on("line", (line) => driven.#hear(JSON.parse(line) as [number, unknown]));
    return driven;
  }

  async call<Name extends keyof Methods>(
    method: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<Awaited<ReturnType<Methods[Name]>>> {
    this.#asked += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#open.set(this.#asked, answer);
    this.#child.stdin?.write(`${JSON.stringify([this.#asked, method, args])}\n`);
    return (await answer.promise) as Awaited<ReturnType<Methods[Name]>>;
  }

  async hears(notice: string | RegExp): Promise<void> {
    await until(() => this.notices.some((one) => one.match(notice) !== null), { what: `notice ${notice}` });
  }

  /** As a server that is killed. */
  async kill(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.stdin?.end();
    await ended;
  }

  #hear([what, result, problem]: [number | "notice", unknown, string?]): void {
    if (what === "notice") {
      this.notices.push(result as string);
      return;
    }
    const answer = this.#open.get(what);
    if (problem === undefined) answer?.resolve(result);
    else answer?.reject(new Error(problem));
  }
}
