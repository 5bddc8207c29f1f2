import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Audit, Verified } from "../../src/audit/audit.ts";
import { openAudit } from "../../src/audit/open-audit.ts";
import { takeUpTrail } from "../../src/audit/take-up.ts";
import { openTrail, type Trail } from "../../src/audit/trail.ts";
import type { Target } from "../../src/audit/shipping/target.ts";
import type { AuditProblem } from "../../src/core/audit/check-blocks.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { Postgres } from "./postgres.ts";
import { sampleEntry } from "./sample-audit.ts";
import { tempFolder } from "./temp-folder.ts";

/** What a store lies on, and how somebody reaches it who goes round the server. */
interface Ground extends AsyncDisposable {
  open(trail: Trail): Promise<Store>;
  tamper(text: string): Promise<void>;
}

/** A data folder with its audit trail, on which servers come and go. */
export class AuditBench implements AsyncDisposable {
  readonly dataDir: string;
  readonly #ground: Ground;
  readonly #folder: ReturnType<typeof tempFolder>;
  /** Where the next server ships records to. */
  targets: readonly Target[] = [];
  /** What servers report in the background, shown where nobody ships. */
  readonly reports: string[] = [];
  #up: { store: Store; audit: Audit; scope: AsyncDisposableStack } | null = null;

  private constructor(ground: Ground, folder: ReturnType<typeof tempFolder>) {
    this.#ground = ground;
    this.#folder = folder;
    this.dataDir = join(folder.path, "data");
    mkdirSync(this.dataDir, { recursive: true });
  }

  static async open(kind: "sqlite" | "postgres"): Promise<AuditBench> {
    const folder = tempFolder();
    const ground = kind === "sqlite" ? onSqlite(join(folder.path, "berth.db")) : await onPostgres();
    const bench = new AuditBench(ground, folder);
    await bench.start();
    return bench;
  }

  /** Where SQLite's file lies. */
  get databasePath(): string {
    return join(this.#folder.path, "berth.db");
  }

  get store(): Store {
    return this.#running().store;
  }

  get audit(): Audit {
    return this.#running().audit;
  }

  /** As a server does. */
  async start(): Promise<void> {
    await using opening = new AsyncDisposableStack();
    const { targets } = this;
    const report = (what: string, error: unknown): void => {
      this.reports.push(what);
      if (targets.length === 0) console.error(what, error);
    };
    const trail = opening.use(openTrail(this.dataDir, report));
    const store = opening.use(await this.#ground.open(trail));
    await takeUpTrail(store.audit, trail, () => systemClock.now());
    const audit = opening.use(
      openAudit({ store, trail, clock: systemClock, report, targets, patienceMs: 50 }),
    );
    this.#up = { store, audit, scope: opening.move() };
  }

  async stop(): Promise<void> {
    await this.#up?.scope[Symbol.asyncDispose]();
    this.#up = null;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Blocks of one, two and three records in turn, called r1, r2 and so on. */
  async record(blocks: number): Promise<void> {
    let n = 0;
    for (let block = 0; block < blocks; block += 1) {
      const entries = Array.from({ length: (block % 3) + 1 }, () => sampleEntry({ name: `r${(n += 1)}` }));
      await this.store.audit.append(entries);
    }
  }

  /** All parts. */
  async verify(): Promise<Omit<Verified, "next">> {
    const { audit } = this.#running();
    const sum = { blocks: 0, records: 0, problems: [] as AuditProblem[] };
    let next: Verified["next"] = null;
    do {
      const part = await audit.verify(next);
      sum.blocks += part.blocks;
      sum.records += part.records;
      sum.problems.push(...part.problems);
      ({ next } = part);
    } while (next !== null);
    return sum;
  }

  async kinds(): Promise<string[]> {
    return [...new Set((await this.verify()).problems.map(({ kind }) => kind))].toSorted();
  }

  /** Statements of somebody who has the database, and not the key. */
  async tamper(...texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.#ground.tamper(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#ground[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  #running() {
    if (this.#up === null) throw new Error("Cannot ask: the server is down");
    return this.#up;
  }
}

function onSqlite(path: string): Ground {
  return {
    open: (trail) => openSqliteStore({ path, trail }),
    async tamper(text) {
      const database = new DatabaseSync(path, { timeout: 5000 });
      database.exec(text);
      database.close();
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function onPostgres(): Promise<Ground> {
  const server = await Postgres.start();
  const url = await server.database();
  return {
    open: (trail) => openPostgresStore({ url, trail }),
    tamper: async (text) => void (await server.query(server.lastDatabase, text)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
