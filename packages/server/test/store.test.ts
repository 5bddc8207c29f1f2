import { join } from "node:path";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { describeStore } from "./conformance/store.ts";
import { tempFolder } from "./support/temp-folder.ts";

describeStore("sqlite", async () => {
  const folder = tempFolder();
  const store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
});
