import { z } from "zod";
import type { CertificateRecord } from "../../store/certificate-store.ts";

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

/** What all entries of a register file together mean. */
export class RegistryState {
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

  /** In the order of issue. */
  get records(): CertificateRecord[] {
    return [...this.#records.values()];
  }

  get locked(): string[] {
    return [...this.#locked];
  }
}
