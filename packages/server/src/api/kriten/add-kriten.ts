import type { FastifyInstance } from "fastify";
import type { KritenDoor } from "./kriten-route.ts";
import { addKritenApiTokens } from "./routes/api-tokens.ts";
import { addKritenAuditLogs } from "./routes/audit-logs.ts";
import { addKritenCronjobs } from "./routes/cronjobs.ts";
import { addKritenGroups } from "./routes/groups.ts";
import { addKritenJobs } from "./routes/jobs.ts";
import { addKritenRoleBindings } from "./routes/role-bindings.ts";
import { addKritenRoles } from "./routes/roles.ts";
import { addKritenRunnerSecrets } from "./routes/runner-secrets.ts";
import { addKritenRunners } from "./routes/runners.ts";
import { addSession } from "./routes/session.ts";
import { addKritenTasks } from "./routes/tasks.ts";
import { addKritenUsers } from "./routes/users.ts";
import { addKritenWebhooks } from "./routes/webhooks.ts";
import { addUnknownPaths } from "./unknown-paths.ts";

/** The door for clients of Kriten 0.5: its paths and its words, over the operations of this server and nothing else. */
export function addKriten(app: FastifyInstance, door: KritenDoor): void {
  addSession(app, door);
  addKritenRunners(app, door);
  addKritenRunnerSecrets(app, door);
  addKritenTasks(app, door);
  addKritenJobs(app, door);
  addKritenCronjobs(app, door);
  addKritenWebhooks(app, door);
  addKritenUsers(app, door);
  addKritenGroups(app, door);
  addKritenRoles(app, door);
  addKritenRoleBindings(app, door);
  addKritenApiTokens(app, door);
  addKritenAuditLogs(app, door);
  addUnknownPaths(app);
}
