import { databaseAddress, dataFolder, duration, oneOf, orNone } from "../parsers.ts";
import { accessKeys } from "./access-keys.ts";
import { auditKeys } from "./audit-keys.ts";
import { doorKeys } from "./door-keys.ts";
import { engineKeys } from "./engine-keys.ts";
import { introspectionKeys } from "./introspection-keys.ts";
import { jobDefaults } from "./job-defaults.ts";
import { jobKeys } from "./job-keys.ts";
import { keepKeys } from "./keep-keys.ts";
import { key } from "./key.ts";
import { listenKeys } from "./listen-keys.ts";
import { networkKeys } from "./network-keys.ts";
import { secretKeys } from "./secret-keys.ts";

/** Every setting of the server that is one value; lists and maps stand in `config/sections.ts`. */
export const keys = {
  dataDir: key({
    env: "BERTH_DATA_DIR",
    yaml: "dataDir",
    parser: dataFolder,
    default: "/var/lib/berth",
    about: "Folder of everything the server keeps: the database, output, artifacts, the admin's token",
  }),
  database: key({
    env: "BERTH_DATABASE",
    yaml: "database",
    parser: databaseAddress,
    default: "sqlite:",
    about:
      "Where jobs are stored: `sqlite:` is a file in the data folder, `postgres://USER:PASSWORD@HOST/DATABASE` a database of PostgreSQL 15 or newer, which this server has for itself",
  }),
  standby: key({
    env: "BERTH_STANDBY",
    yaml: "standby",
    parser: orNone(duration),
    default: "none",
    about:
      "With a database of PostgreSQL that another server has: wait, and take over once nobody has had it for so long, as in `3s`; whoever had it may come back within that time. `none` refuses to start instead",
  }),
  ...listenKeys,
  ...accessKeys,
  ...introspectionKeys,
  ...doorKeys,
  ...engineKeys,
  ...networkKeys,
  ...jobKeys,
  ...jobDefaults,
  stopGrace: key({
    env: "BERTH_STOP_GRACE",
    yaml: "stopGrace",
    parser: duration,
    default: "5s",
    about: "Time between TERM and KILL when a job is stopped",
  }),
  ...keepKeys,
  ...auditKeys,
  ...secretKeys,
  logLevel: key({
    env: "BERTH_LOG_LEVEL",
    yaml: "log.level",
    parser: oneOf("debug", "info", "warn", "error", "silent"),
    default: "info",
    about: "Least severe messages that the server logs, on stderr",
  }),
  logFormat: key({
    env: "BERTH_LOG_FORMAT",
    yaml: "log.format",
    parser: oneOf("auto", "pretty", "json"),
    default: "auto",
    about: "`auto` is `pretty` on a terminal, else `json`, one object a line",
  }),
};
