/**
 * A process that records and ships, until it is killed or kills itself. Arguments: the data folder, the database, the port of a
 * receiver of syslog, the step at which it kills itself (or none), and how often it passes that before. Prints the name of each
 * record that was acknowledged.
 */
import { openAudit } from "../../src/audit/open-audit.ts";
import { syslogTarget } from "../../src/audit/shipping/syslog-target.ts";
import type { Target } from "../../src/audit/shipping/target.ts";
import { takeUpTrail } from "../../src/audit/take-up.ts";
import { openTrail } from "../../src/audit/trail.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { armCrashPoint } from "../../src/lib/crash-point.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { sampleEntry } from "./sample-audit.ts";

const [, , dataDir = "", path = "", port = "", step = "none", times = "0"] = process.argv;
const trail = openTrail(dataDir, console.error);
const store = await openSqliteStore({ path, trail });
await takeUpTrail(store.audit, trail, Date.now);

const syslog = syslogTarget({ host: "127.0.0.1", port: Number(port), tls: null, ownHost: "host" });
let sent = 0;
const target: Target = {
  ...syslog,
  async send(records, signal) {
    await syslog.send(records, signal);
    sent += 1;
    if (sent > Number(times)) armCrashPoint(step === "none" ? null : step);
  },
};
openAudit({ store, trail, clock: systemClock, report: console.error, targets: [target] });

for (;;) {
  const name = `w${crypto.randomUUID()}`;
  await store.audit.append([sampleEntry({ name })]);
  console.log(name);
}
