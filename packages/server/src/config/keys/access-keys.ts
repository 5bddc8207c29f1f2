import { duration, groupNames, orNone, trueOrFalse } from "../parsers.ts";
import { key } from "./key.ts";

/** Who comes in, and for how long. */
export const accessKeys = {
  sessionIdle: key({
    env: "BERTH_SESSION_IDLE",
    yaml: "access.sessionIdle",
    parser: duration,
    default: "12h",
    about: "A login that nobody uses for so long has ended",
  }),
  sessionLife: key({
    env: "BERTH_SESSION_LIFE",
    yaml: "access.sessionLife",
    parser: duration,
    default: "7d",
    about: "After this a login has ended, however much it is used",
  }),
  sessionTurn: key({
    env: "BERTH_SESSION_TURN",
    yaml: "access.sessionTurn",
    parser: duration,
    default: "15m",
    about: "How long a browser keeps the same text for its login: then it gets another one",
  }),
  writeGroups: key({
    env: "BERTH_WRITE_GROUPS",
    yaml: "access.writeGroups",
    parser: orNone(groupNames),
    default: "none",
    about:
      "Groups whose members may change something (every request but GET, every call over gRPC that starts, stops or extends). Counts with BERTH_WRITE_GROUPS_ENABLED alone",
  }),
  writeGroupsEnabled: key({
    env: "BERTH_WRITE_GROUPS_ENABLED",
    yaml: "access.writeGroupsEnabled",
    parser: trueOrFalse,
    default: "false",
    about:
      "Whether only members of BERTH_WRITE_GROUPS may change something, whatever their roles allow; where that is none, nobody may, the administrator neither",
  }),
  publicRead: key({
    env: "BERTH_PUBLIC_READ",
    yaml: "access.publicRead",
    parser: trueOrFalse,
    default: "false",
    about:
      "Whether engines and network profiles are shown to whoever asks, without a credential. Nothing that belongs to anybody is",
  }),
};
