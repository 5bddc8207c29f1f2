import { join } from "node:path";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { describeStore } from "./conformance/store.ts";
import { closing } from "./support/closing-store.ts";
import { tempFolder } from "./support/temp-folder.ts";

describeStore("sqlite", async () => {
  const folder = tempFolder();
  return closing(await openSqliteStore({ path: join(folder.path, "berth.db") }), folder);
});
