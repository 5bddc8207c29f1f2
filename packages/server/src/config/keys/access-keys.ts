import { duration } from "../parsers.ts";
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
};
