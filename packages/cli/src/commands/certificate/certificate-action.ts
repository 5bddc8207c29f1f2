import type { Cli } from "../../core/cli.ts";
import { type FlagValues, jsonFlag } from "../../core/define-command.ts";

export const certificateFlags = {
  ttl: { type: "string", about: "How long it is valid (default 24h)", value: "TIME", field: "ttl" },
  csr: {
    type: "string",
    about: "issue: sign this request instead of making a key here",
    value: "FILE",
    path: true,
    field: "csr",
  },
  out: {
    type: "string",
    about: "Folder for the files (issue: default ./NAME; renew: where they are, default ~/.berth/creds)",
    value: "DIR",
    path: true,
  },
  ec: { type: "boolean", about: "issue: an EC key (P-256) instead of RSA 2048" },
  ...jsonFlag,
} as const;

export interface CertificateAction {
  /** The word after the action: a name or a serial number. */
  word: string | undefined;
  flags: FlagValues<typeof certificateFlags>;
  cli: Cli;
}
