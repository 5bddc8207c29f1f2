import { limitRows } from "@berth/protocol/limits";

/** Where the server speaks of a request's fields, in the words of the command line: `timeouts.run` is `--timeout`. */
const FLAGS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(limitRows.map(({ path, flag }) => [asNamed(path), `--${flag.name}`])),
  "output.overflow": "--overflow",
  collect: "--collect",
  resultFile: "--result-file",
  workdir: "--workdir",
  files: "--file",
  archive: "--dir",
  env: "--env",
  stdin: "--stdin",
  engine: "--engine",
  network: "--network",
  observe: "--observe",
  secrets: "--secret",
  "secrets.env": "--secret-env",
  priority: "--priority",
};

/** A sentence of the server, with flags where it names fields between backticks. */
export function inFlags(text: string): string {
  return text
    .replace(/`([a-zA-Z.]+)`/g, (whole, field: string) => {
      const name = asNamed(field);
      const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
      return flag === undefined ? whole : `\`${flag}\``;
    })
    .replace("or extend the job", "or `berth extend` the job");
}

/** Sentences name a resource by its last word. */
function asNamed(field: string): string {
  return field.replace(/^resources\.(?:io\.)?/, "");
}
