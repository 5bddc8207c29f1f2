import { BerthError, isBerthError } from "@berth/protocol";

const [command, ...rest] = process.argv.slice(2);
try {
  await run(command, rest);
} catch (error) {
  console.error(isBerthError(error) ? `${error.message}\nFix: ${error.fix}` : error);
  process.exitCode = 1;
}

/** Each command loads its own part: the server starts without the others'. */
async function run(name: string | undefined, argv: readonly string[]): Promise<void> {
  switch (name) {
    case undefined:
      return (await import("./serve.ts")).serve();
    case "--help":
    case "-h":
      return console.log((await import("./server-help.ts")).serverHelp());
    case "ca":
      return (await import("./ca.ts")).runCa(argv);
    case "store":
      return (await import("./store.ts")).runStore(argv);
    case "cert-server":
      return (await import("./cert-server.ts")).runCertServer(argv);
    default:
      throw new BerthError(
        "SETTINGS_INVALID",
        `Cannot read the command line: "${name}" is unknown; settings come from the environment, see \`berth server --help\``,
      );
  }
}
