#!/usr/bin/env node
import { environment } from "./core/settings.ts";
import { runCli } from "./run-cli.ts";

const { stdin, stdout, stderr } = process;
process.exitCode = await runCli(process.argv.slice(2), {
  env: environment(),
  stdin,
  stdout,
  stderr,
  signals: process,
});
