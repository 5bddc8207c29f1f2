/** Where the server speaks of a request's fields, in the words of the command line: `timeouts.run` is `--timeout`. */
const FLAGS: Readonly<Record<string, string>> = {
  "timeouts.run": "--timeout",
  "timeouts.queue": "--queue-timeout",
  "timeouts.start": "--start-timeout",
  "timeouts.idle": "--idle-timeout",
  "timeouts.cpu": "--cpu-time",
  "output.limit": "--output-limit",
  "output.overflow": "--overflow",
  memory: "--memory",
  memoryHigh: "--memory-high",
  cpu: "--cpu",
  pids: "--pids",
  disk: "--disk",
  collect: "--collect",
  resultFile: "--result-file",
  workdir: "--workdir",
  files: "--file",
  env: "--env",
  stdin: "--stdin",
  engine: "--engine",
};

/** A sentence of the server, with flags where it names fields between backticks. */
export function inFlags(text: string): string {
  return text
    .replace(/`([a-zA-Z.]+)`/g, (whole, field: string) => {
      const name = field.replace(/^resources\.(?:io\.)?/, "");
      const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
      return flag === undefined ? whole : `\`${flag}\``;
    })
    .replace("or extend the job", "or `berth extend` the job");
}
