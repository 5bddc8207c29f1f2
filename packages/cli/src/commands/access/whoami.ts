import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { writeRule } from "../../core/text/rules.ts";

export const whoami = defineCommand({
  arguments: [],
  flags: { ...jsonFlag },
  hides: ["grpc"],
  examples: [{ line: "berth whoami", about: "as the server knows you, and your roles" }],
  async run({ flags }, cli) {
    const berth = await cli.connect();
    const who = await berth.access.whoAmI();
    if (flags.json) await cli.out.json(who);
    else
      await cli.out.line(
        `${who.name} (${who.roles.join(", ")}), by ${who.credential.kind} ${who.credential.id}`,
      );
    if (!flags.json && who.credential.scope !== undefined)
      await cli.out.line(`the token is for no more than: ${who.credential.scope.map(writeRule).join("; ")}`);
    return exitCodes.ok.code;
  },
});
