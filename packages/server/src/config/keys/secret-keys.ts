import { absolutePath, hiddenText, orBuiltIn, orNone } from "../parsers.ts";
import { key } from "./key.ts";

/** Where the secrets of jobs come from, and what seals them. */
export const secretKeys = {
  secretsKeysFile: key({
    env: "BERTH_SECRETS_KEYS_FILE",
    yaml: "secrets.keysFile",
    parser: orBuiltIn(absolutePath),
    default: "built-in",
    about:
      "File with the master keys of secrets, a line `ID:KEY` for each, with 32 bytes as base64: the first seals, the others only open. `built-in` is `secret-keys` in the data folder, which the server makes with the first secret",
  }),
  secretsKeys: key({
    env: "BERTH_SECRETS_KEYS",
    yaml: "secrets.keys",
    parser: orNone(hiddenText),
    default: "none",
    about:
      "The same keys themselves, lines or commas between them, in the place of a file: whoever may look at the server's process can read them",
  }),
  secretsFolder: key({
    env: "BERTH_SECRETS_FOLDER",
    yaml: "secrets.folder",
    parser: orNone(absolutePath),
    default: "none",
    about:
      "Folder of secrets that others keep, as files `NAME/KEY`, as Kubernetes mounts them: they are read at each use, and never written",
  }),
};
