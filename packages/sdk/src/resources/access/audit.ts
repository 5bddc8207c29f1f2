import type { AuditCut, AuditList, AuditRecord, AuditVerification } from "@berth/protocol";
import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { readBody } from "../../transport/read-body.ts";
import { asAuditCut, asAuditList, asAuditVerification } from "./access-answers.ts";
import type { SignalOptions } from "../job/job-handle.ts";

/** Which records: those of which all that is named here holds. Times as in `2026-01-31T10:00:00Z`. */
export interface AuditFilter {
  account?: string | undefined;
  door?: string | undefined;
  verb?: string | undefined;
  resource?: string | undefined;
  name?: string | undefined;
  outcome?: AuditRecord["outcome"] | undefined;
  requestId?: string | undefined;
  address?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** What happened on the server, for good: for auditors and administrators. */
export class Audit {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Newest first. A page may have fewer records than asked for, and others behind it: `next` says so. */
  async list(
    options: SignalOptions & AuditFilter & { limit?: number; cursor?: string | undefined } = {},
  ): Promise<AuditList> {
    const { signal, ...query } = options;
    const answer = await this.#rest.json({ route: routes.listAudit, query, signal });
    return asAuditList(answer, this.#rest.url);
  }

  /** All records, oldest first, as bytes of lines of JSON. A cut connection fails it with SERVER_UNREACHABLE. */
  async *export(options: SignalOptions & AuditFilter = {}): AsyncGenerator<Uint8Array, void> {
    const { signal, ...query } = options;
    const accept = "application/x-ndjson";
    const answer = await this.#rest.open({ route: routes.exportAudit, query, accept, signal });
    yield* readBody(answer, { url: this.#rest.url, signal });
  }

  /** One part of a verification: go on with `cursor` until `next` is null. */
  async verify(options: SignalOptions & { cursor?: string | undefined } = {}): Promise<AuditVerification> {
    const { signal, ...query } = options;
    const call = { route: routes.verifyAudit, query, signal, timeoutMs: 120_000 };
    return asAuditVerification(await this.#rest.json(call), this.#rest.url);
  }

  /** Forgets what is older, and records that. For administrators. */
  async cut(options: SignalOptions & { before: string }): Promise<AuditCut> {
    const { signal, ...body } = options;
    const call = { route: routes.cutAudit, body, signal, patienceMs: 0, timeoutMs: 600_000 };
    return asAuditCut(await this.#rest.json(call), this.#rest.url);
  }
}
