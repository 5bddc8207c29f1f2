import { describeEngine } from "./conformance/engine.ts";
import { subject } from "./support/warm-subject.ts";

await describeEngine(subject);
