import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { jobFlags } from "./job-flags.ts";
import { toJobRequest } from "./job-request.ts";

export const jobStart = defineCommand({
  arguments: [
    { name: "CMD", about: "Program to run in the job" },
    { name: "ARGS", about: "Its arguments, flags of its own included", variadic: true, optional: true },
  ],
  flags: { ...jobFlags, ...jsonFlag },
  examples: [
    { line: "id=$(berth start --timeout 1h -- ./train.sh)", about: "goes on without you" },
    { line: 'berth output --follow "$id"', about: "come back to it" },
  ],
  passthrough: true,
  async run({ args, flags }, cli) {
    const request = await toJobRequest(args, { flags, surroundings: cli.surroundings });
    const berth = await cli.connect();
    const handle = await berth.jobs.submit(request);
    if (flags.json) await cli.out.json(await handle.get());
    else await cli.out.line(handle.id);
    return exitCodes.ok.code;
  },
});
