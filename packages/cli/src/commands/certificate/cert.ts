import { defineCommand } from "../../core/define-command.ts";
import { UsageError } from "../../core/usage-error.ts";
import { type CertificateAction, certificateFlags } from "./certificate-action.ts";
import { issueCertificate } from "./issue.ts";
import { listCertificates } from "./list.ts";
import { listLocks } from "./list-locks.ts";
import { lockPrincipal } from "./lock.ts";
import { renewCertificate } from "./renew.ts";
import { revokeCertificate } from "./revoke.ts";

const actions: Readonly<Record<string, (action: CertificateAction) => Promise<number>>> = {
  issue: issueCertificate,
  list: listCertificates,
  locks: listLocks,
  lock: (action) => lockPrincipal(action, { locked: true }),
  unlock: (action) => lockPrincipal(action, { locked: false }),
  renew: renewCertificate,
  revoke: revokeCertificate,
};

export const cert = defineCommand({
  arguments: [
    {
      name: "ACTION",
      about: "issue NAME, list [NAME], renew, revoke SERIAL, lock NAME, unlock NAME, locks",
      choices: Object.keys(actions),
    },
    { name: "WORD", about: "A principal's name, or a serial number", optional: true },
  ],
  flags: certificateFlags,
  details: [
    "Keys are made here and never sent. Issuing for another name, and listing and",
    "revoking what is another's, takes an administrator's token. Revoking ends open",
    "calls too; locking shuts a principal out, whatever tokens and certificates it",
    "has or gets, and ends its streams and waits; `locks` lists who is locked.",
    "On the server's host, while the server is down, `berth cert server` shows the",
    "server's own certificate.",
  ],
  hides: ["grpc"],
  examples: [
    { line: "berth cert issue ci --ttl 7d --out ./ci", about: "ca.crt, client.crt and client.key for `ci`" },
    { line: "berth cert issue ci --csr ci.csr --out ./ci", about: "its key stays where it is" },
    { line: "berth cert revoke 5f0c6a1e9b7d4c2f8a3e6d1b0c9f7a5e", about: "out, now" },
  ],
  async run({ args: [name = "", word], flags }, cli) {
    const act = actions[name];
    if (act === undefined)
      throw new UsageError(`Cannot do "${name}" with certificates`, "See `berth cert --help`");
    return act({ word, flags, cli });
  },
});
