import { z } from "zod";
import type {
  CertificateFilter,
  CertificatePage,
  CertificateRecord,
  RefusedCertificates,
} from "../certificate-registry.ts";

const serial = z.string().regex(/^[0-9a-f]{1,64}$/);
const record = {
  serial,
  cn: z.string(),
  kind: z.enum(["server", "client"]),
  issuer: serial,
  notBefore: z.number(),
  notAfter: z.number(),
  issuedAt: z.number(),
  revokedAt: z.number().nullable(),
};
const entry = z.discriminatedUnion("op", [
  z.object({ op: z.literal("issue"), ...record }),
  z.object({ op: z.literal("revoke"), serial, at: z.number() }),
  z.object({ op: z.literal("lock"), principal: z.string() }),
  z.object({ op: z.literal("unlock"), principal: z.string() }),
]);

/** One thing that happened. */
export type RegistryEntry = z.infer<typeof entry>;

/** What all entries together mean. */
export class RegistryState {
  /** In the order of issue. */
  readonly #records = new Map<string, CertificateRecord>();
  readonly #locked = new Set<string>();

  apply(happened: RegistryEntry): void {
    switch (happened.op) {
      case "issue": {
        const { op: _op, ...issued } = happened;
        this.#records.set(issued.serial, issued);
        return;
      }
      case "revoke": {
        const known = this.#records.get(happened.serial);
        if (known) this.#records.set(known.serial, { ...known, revokedAt: known.revokedAt ?? happened.at });
        return;
      }
      case "lock":
        this.#locked.add(happened.principal);
        return;
      case "unlock":
        this.#locked.delete(happened.principal);
        return;
      default:
        happened satisfies never;
    }
  }

  /** False when the line says nothing that is known. */
  applyLine(line: string): boolean {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return false;
    }
    const parsed = entry.safeParse(json);
    if (parsed.success) this.apply(parsed.data);
    return parsed.success;
  }

  find(wanted: string): CertificateRecord | null {
    return this.#records.get(wanted) ?? null;
  }

  list({ cn, kind, cursor, limit = 50 }: CertificateFilter): CertificatePage {
    const newestFirst = [...this.#records.values()].reverse();
    const last = newestFirst.findIndex((one) => one.serial === cursor);
    const known = cursor === undefined || last >= 0;
    const fitting = (known ? newestFirst.slice(last + 1) : []).filter(
      (one) => (cn === undefined || one.cn === cn) && (kind === undefined || one.kind === kind),
    );
    const items = fitting.slice(0, limit);
    return { items, next: fitting.length > items.length ? (items.at(-1)?.serial ?? null) : null };
  }

  isLocked(principal: string): boolean {
    return this.#locked.has(principal);
  }

  /** The expired ones too: the clock may be ahead, and be set right a minute later. */
  refused(): RefusedCertificates {
    const revoked = [...this.#records.values()].filter((one) => one.revokedAt !== null);
    return { serials: revoked.map((one) => one.serial), locked: [...this.#locked] };
  }

  /**
   * Drops what expired before this moment; returns how many. Never a revocation: one start with a clock that is ahead
   * would undo it for good, and a line for each that there ever was is little.
   */
  forgetExpired(before: number): number {
    const expired = [...this.#records.values()].filter(
      ({ notAfter, revokedAt }) => revokedAt === null && notAfter < before,
    );
    for (const one of expired) this.#records.delete(one.serial);
    return expired.length;
  }

  /** The entries that mean all this, and no more. */
  entries(): RegistryEntry[] {
    return [
      ...[...this.#records.values()].map((one) => ({ op: "issue" as const, ...one })),
      ...[...this.#locked].map((principal) => ({ op: "lock" as const, principal })),
    ];
  }
}
