import { defineCommand, jsonFlag } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { profileName, saveProfile } from "../../core/settings/profiles.ts";

export const logout = defineCommand({
  arguments: [],
  flags: { ...jsonFlag },
  details: [
    "Ends the login at the server, and what is open by it, and forgets its token",
    "here. BERTH_PROFILE names another than the current one.",
  ],
  hides: ["grpc"],
  examples: [{ line: "berth logout", about: "the last login is over" }],
  async run({ flags }, cli) {
    const { env } = cli.surroundings;
    const berth = await cli.connect();
    await berth.sessions.end();
    const name = profileName(env);
    await saveProfile(env, name, null);
    if (flags.json) await cli.out.json({ url: berth.url, profile: name });
    else await cli.out.line(`Logged out at ${berth.url}`);
    return exitCodes.ok.code;
  },
});
