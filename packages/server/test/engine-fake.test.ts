import { describeEngine } from "./conformance/engine.ts";
import { subject } from "./support/fake-subject.ts";

await describeEngine(subject);
