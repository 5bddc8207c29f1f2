import { createInterface } from "node:readline";
import { JobNames } from "../../src/engines/local/resolver/job-names.ts";
import { createNetworks, type NetworksOptions } from "../../src/engines/local/networks/networks.ts";

/**
 * Opens the networks of a server in the network namespace in which this program runs, and calls what it is told: a line
 * `[id, method, arguments]` of JSON is answered by `[id, result]` or `[id, null, message]`; what happens meanwhile is told
 * as `["notice", ...]`. The argument is the options, as JSON.
 */
const options = JSON.parse(process.argv[2] ?? "") as Omit<NetworksOptions, "onNotice">;
const tell = (...words: unknown[]): void => console.log(JSON.stringify(words));
const networks = await createNetworks({ ...options, onNotice: (notice) => tell("notice", notice) });
networks.onMended(() => tell("notice", "mended"));
networks.onLost(() => tell("notice", "lost"));
const names = new JobNames({
  networks,
  onNotice: (notice, detail) => tell("notice", `${notice}: ${String(detail["why"])}`),
});
tell("up", networks.lack, networks.table);

for await (const line of createInterface({ input: process.stdin })) {
  const [id, method, args] = JSON.parse(line) as [number, "grant", [string, never]];
  try {
    tell(
      id,
      (await (method in names ? (names as never as typeof networks) : networks)[method](...args)) ?? null,
    );
  } catch (error) {
    tell(id, null, (error as Error).message);
  }
}
await names[Symbol.asyncDispose]();
await networks[Symbol.asyncDispose]();
