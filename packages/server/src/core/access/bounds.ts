import type { Permission } from "@berth/protocol";
import type { Subject } from "./policy.ts";
import type { Target } from "./target.ts";

/** What refuses somebody whatever its roles are, to go on after "Cannot VERB RESOURCE: "; null for nothing. */
export type Bounds = (subject: Subject, permission: Permission, target?: Target) => string | null;
