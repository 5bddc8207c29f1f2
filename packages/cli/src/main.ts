#!/usr/bin/env node
import { environment } from "./core/settings/settings.ts";
import { runCli } from "./run-cli.ts";

// Not for users: gRPC dials an address by number in a way that Node wants changed.
process.noDeprecation = true;

const { stdin, stdout, stderr } = process;
const ended = runCli(process.argv.slice(2), {
  env: environment(),
  stdin,
  stdout,
  stderr,
  signals: process,
  exitSoon: (code) => void setTimeout(() => process.exit(code), 1000).unref(),
});
// No `await` here: the bundle is CommonJS, which starts sooner than modules do.
void ended.then((code) => {
  process.exitCode = code;
});
