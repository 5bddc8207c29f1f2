import { describeEngine } from "./conformance/engine.ts";
import { subject } from "./support/local-subject.ts";

await describeEngine(subject);
