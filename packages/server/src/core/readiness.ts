/** Whether an engine can run jobs; if not, why, as the end of a sentence that everybody may read. */
export type Readiness = { ready: true } | { ready: false; reason: string };
