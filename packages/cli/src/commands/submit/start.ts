import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { folderFlags } from "./folder-flags.ts";
import { jobFlags } from "./job-flags.ts";
import { toJobRequest, wordsOf } from "./job-request.ts";
import { sendFolder } from "./send-folder.ts";

export const jobStart = defineCommand({
  arguments: [
    { name: "CMD", about: "Program to run in the job", optional: true },
    { name: "ARGS", about: "Its arguments, flags of its own included", variadic: true, optional: true },
  ],
  flags: { ...jobFlags, ...folderFlags, ...jsonFlag },
  examples: [
    { line: "id=$(berth start -f job.sh -t 1h -- ./job.sh)", about: "goes on without you" },
    { line: "berth start --command head -- -n10 /dev/random", about: "the program by a flag" },
    { line: 'berth output --follow "$id"', about: "come back to it" },
  ],
  details: ["After -- all words are the job's, flags of its own included."],
  passthrough: true,
  async run({ args, flags }, cli) {
    const request = await toJobRequest(wordsOf(args, flags.command), {
      flags,
      surroundings: cli.surroundings,
    });
    const folder = await sendFolder({ request, flags, quiet: false, cli });
    const berth = await cli.dial();
    const handle = await berth.jobs.submit({ ...request, ...folder });
    if (flags.json) await cli.out.json(await handle.get());
    else await cli.out.line(handle.id);
    return exitCodes.ok.code;
  },
});
