/**
 * Loaded into a server before its own program, by `--import=<this file>?at=STEP`: makes it kill itself at that step.
 * The product reads no such setting.
 */
import { armCrashPoint } from "../../src/lib/crash-point.ts";

armCrashPoint(new URL(import.meta.url).searchParams.get("at"));
