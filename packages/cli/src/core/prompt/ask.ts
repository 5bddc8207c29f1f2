import { createInterface, type Interface } from "node:readline";
import { type Readable, Writable } from "node:stream";
import { printable } from "../text/printable.ts";
import type { Terminal } from "../surroundings.ts";
import { UsageError } from "../usage-error.ts";
import { answerOf } from "./answer.ts";
import type { Question } from "./form.ts";
import { shown, wordOf } from "./words.ts";

/** Whether somebody sits there who can be asked, and sees it. */
export function canAsk({ stdin, stderr }: { stdin: Readable; stderr: Terminal }): boolean {
  const keyboard = stdin as Partial<NodeJS.ReadStream>;
  return keyboard.isTTY === true && typeof keyboard.setRawMode === "function" && stderr.isTTY === true;
}

/** Somebody at a terminal who is asked one question after the other; what is asked goes to stderr. */
export class Asker implements Disposable {
  readonly #stderr: Terminal;
  readonly #lines: Interface;
  /** Typed before anybody asked. */
  readonly #typed: string[] = [];
  #isHidden = false;
  #waiting: PromiseWithResolvers<string> | null = null;
  #isOver = false;

  constructor({ stdin, stderr }: { stdin: Readable; stderr: Terminal }) {
    this.#stderr = stderr;
    const screen = new Writable({
      // At once: what is to be hidden is known when it is written.
      write: (chunk: Buffer | string, _, done) => {
        if (!this.#isHidden) stderr.write(chunk);
        done();
      },
    });
    Object.defineProperty(screen, "columns", { get: () => stderr.columns });
    // Without a history: an answer that is hidden would come back with a key.
    this.#lines = createInterface({ input: stdin, output: screen, terminal: true, historySize: 0 });
    this.#lines.on("line", (line) => this.#hear(line));
    this.#lines.on("close", () => this.#end());
    this.#lines.on("SIGINT", () => this.#lines.close());
  }

  [Symbol.dispose](): void {
    this.#lines.close();
  }

  say(line: string): void {
    this.#stderr.write(`${printable(line)}\n`);
  }

  /** Until an answer fits; undefined where nothing is to be said. Throws UsageError where it is broken off. */
  async ask(question: Question): Promise<unknown> {
    if (question.about !== null) this.say(`  ${question.about}`);
    for (;;) {
      const text = await this.#line(promptOf(question), question.kind.kind === "secret");
      const answer = answerOf(question, text);
      if (answer.kind === "value") return answer.value;
      if (answer.kind === "nothing") return undefined;
      this.say(`  ${question.path.join(".")} ${answer.why}`);
    }
  }

  async #line(prompt: string, isHidden: boolean): Promise<string> {
    if (this.#isOver) throw brokenOff();
    this.#lines.setPrompt(printable(prompt));
    this.#lines.prompt();
    const before = this.#typed.shift();
    if (before !== undefined) return before;
    this.#isHidden = isHidden;
    this.#waiting = Promise.withResolvers<string>();
    try {
      return await this.#waiting.promise;
    } finally {
      this.#waiting = null;
      if (isHidden) this.#stderr.write("\n");
      this.#isHidden = false;
    }
  }

  #hear(line: string): void {
    if (this.#waiting === null) this.#typed.push(line);
    else this.#waiting.resolve(line);
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting?.reject(brokenOff());
  }
}

/** As in `top (whole number) [10]: `. */
function promptOf({ path, kind, required, default: usual }: Question): string {
  const words = [...(kind.kind === "text" ? [] : [wordOf(kind)]), ...(required ? [] : ["may be left out"])];
  const isGiven = usual !== undefined && kind.kind !== "secret";
  const about = isGiven ? words.slice(0, kind.kind === "text" ? 0 : 1) : words;
  const inside = about.length > 0 ? ` (${about.join("; ")})` : "";
  return `${path.join(".")}${inside}${isGiven ? ` [${shown(usual)}]` : ""}: `;
}

function brokenOff(): UsageError {
  return new UsageError("Cannot run the task: it was broken off before all was said", "Start again");
}
