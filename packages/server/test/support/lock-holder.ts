/** A process that takes a data folder, says so, and stays until it is killed. Argument: the folder. */
import { lockDataDir } from "../../src/store/data-dir-lock.ts";

const lock = await lockDataDir(process.argv[2] ?? "");
console.log("locked");
setInterval(() => lock, 60_000);
