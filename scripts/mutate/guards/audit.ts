import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const audit = `${server}/audit`;
const shipping = "packages/server/test/audit-shipping.test.ts";
const chain = "packages/server/test/audit.test.ts";

/** What makes the record of what happens one that can be relied on, here and where it is shipped to. */
export const auditTrail: readonly Guard[] = [
  {
    guard: "a block counts by its seal",
    file: `${server}/core/audit/chain.ts`,
    take: "timingSafeEqual(wanted, found)",
    leave: "true",
    test: chain,
    title: "on sqlite",
  },
  {
    guard: "a block holds on to the one before as that is now",
    file: `${server}/core/audit/check-blocks.ts`,
    take: "before !== null && block.prev !== before.hash",
    leave: "before === block",
    test: chain,
    title: "on sqlite",
  },
  {
    guard: "the columns by which records are found say what their texts say",
    file: `${server}/core/audit/check-blocks.ts`,
    take: "!found.every(({ isAsWritten }) => isAsWritten)",
    leave: "found === null",
    test: chain,
    title: "on sqlite",
  },
  {
    guard: "newest records that were cut off are missed at the next start",
    file: `${audit}/take-up.ts`,
    take: "block?.hash !== found.hash",
    leave: "found === null",
    test: chain,
    title: "on sqlite",
  },
  {
    guard: "what is cut is recorded under the seal first",
    file: `${audit}/cut.ts`,
    take: "  await audit.append(entries);\n",
    test: "packages/server/test/api-audit.test.ts",
  },
  {
    guard: "what was not shipped yet is not cut",
    file: `${audit}/cut.ts`,
    take: "(await keptFrom(chain)) ?? ends.last.seq",
    leave: "ends.last.seq",
    test: shipping,
    title: "sqlite.*a target keeps",
  },
  {
    guard: "records are noted as shipped after they were, and not before",
    file: `${audit}/shipping/shipper.ts`,
    take: "        await target.send(batch, signal);\n",
    leave: "        await shipping.advance(target.name, last);\n        await target.send(batch, signal);\n",
    test: shipping,
    title: "sqlite.*a webhook signs",
  },
  {
    guard: "a receiver of syslog that ends first has not read all",
    file: `${audit}/shipping/syslog-target.ts`,
    take: "(isSent ? resolve() : early())",
    leave: "resolve()",
    test: shipping,
    title: "sqlite.*syslog loses none where the receiver does this: end",
  },
  {
    guard: "a webhook has what it answers 2xx to, and nothing else",
    file: `${audit}/shipping/webhook-target.ts`,
    take: "status < 200 || status > 299",
    leave: "status < 200",
    test: shipping,
    title: "sqlite.*a webhook signs",
  },
  {
    guard: "a webhook's signature holds its id and its time as well",
    file: `${server}/core/audit/webhook-signature.ts`,
    take: "`${id}.${timestamp}.${body}`",
    leave: "body",
    test: `${server}/core/audit/webhook-signature.test.ts`,
  },
  {
    guard: "no server ships to a target that another one has, while that lives",
    file: `${server}/store/queries/audit/shipping.ts`,
    take: 'is("holder", "not in", living)',
    leave: 'is("holder", "is not", null)',
    test: shipping,
    title: "sqlite.*each target comes from one server alone",
  },
  {
    guard: "a server that lost its claim notes nothing any more",
    file: `${server}/store/queries/audit/shipping.ts`,
    take: "{ query: own.compile(), exactly: 1 }",
    leave: "{ query: own.compile() }",
    test: shipping,
    title: "sqlite.*each target comes from one server alone",
  },
  {
    guard: "what a login changes of itself is recorded",
    file: `${server}/auth/login/sign-in.ts`,
    take: "store.audited(record).sessions.delete",
    leave: "store.sessions.delete",
    test: "packages/server/test/unrecorded-writes.test.ts",
  },
  {
    guard: "a literal address is judged too, though nobody looks it up",
    file: `${server}/outbound/connect.ts`,
    take: "isIP(host) === 0 ? null : judge(host)",
    leave: "null as string | null",
    test: `${server}/outbound/send.test.ts`,
  },
  {
    guard: "a name that is public and closed at once leads to no closed address",
    file: `${server}/outbound/connect.ts`,
    take: "judged.filter(({ why }) => why === null)",
    leave: "judged",
    test: "packages/server/test/rebound-names.test.ts",
  },
  {
    guard: "what a name leads to is judged, as it is looked up and as it is connected to",
    file: `${server}/outbound/connect.ts`,
    take: "why: judge(one.address)",
    leave: "why: null",
    also: {
      file: `${server}/outbound/connect.ts`,
      take: "const why = judge(remoteAddress);",
      leave: "const why = null as string | null;",
    },
    test: `${server}/outbound/send.test.ts`,
  },
  {
    guard: "a secret that somebody may not use is recorded",
    file: `${server}/operations/jobs/submit/given-secrets.ts`,
    take: "noteRefusal({ audit }, caller, { permission: use, name });",
    test: "packages/server/test/grants-of-goods.test.ts",
  },
  {
    guard: "a clock that is years ahead cuts nothing",
    file: `${server}/audit/retention.ts`,
    take: "if (last !== null &&",
    leave: "if (last === -1 &&",
    test: `${server}/audit/retention.test.ts`,
  },
];
