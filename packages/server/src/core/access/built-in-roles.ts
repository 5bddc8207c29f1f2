import { resources, verbs } from "@berth/protocol";
import type { Resource, Verb } from "./permission.ts";
import type { Role, Rule } from "./role.ts";

const all = (resource: Resource, allowed: readonly Verb[] = verbs): Rule => ({
  resource,
  names: ["*"],
  verbs: allowed,
});
const own = (resource: Resource, allowed: readonly Verb[]): Rule => ({
  resource,
  names: ["*"],
  verbs: allowed,
  own: true,
});

/** A certificate of one's own: to ask for it, to see it, to renew it, and to end it. */
const ownCertificates = own("certificates", ["create", "read", "list", "delete"]);
const seeEngines = all("engines", ["read", "list"]);
/** Who one is, why one may do something or not, and what lets one in. */
const ownAccess: readonly Rule[] = [
  own("access", ["read", "update", "delete"]),
  own("users", ["read", "list"]),
  own("sessions", ["list", "delete"]),
  all("roles", ["read", "list"]),
  own("bindings", ["list"]),
  own("tokens", ["create", "read", "list", "delete"]),
  own("quotas", ["read", "list"]),
];
/** What there is to ask for; who may use which is a setting of the operator's. */
const seeNetworks = all("networks", ["read", "list"]);

/** That they are there, and by which names; never what they hold. Who may use which is given by name. */
const seeSecrets = all("secrets", ["read", "list"]);

/** What is defined for all to run: that it is there, and what it says. */
const seeTasks = [
  all("runners", ["read", "list"]),
  all("tasks", ["read", "list"]),
  all("schedules", ["read", "list"]),
  all("webhooks", ["read", "list"]),
];

/** The roles that are always there. Nobody can change them; what a role does not list is denied. */
export const builtInRoles: readonly Role[] = [
  { name: "admin", rules: resources.map((resource) => all(resource)) },
  {
    // Keeps the jobs of all going.
    name: "operator",
    rules: [
      all("jobs"),
      all("runners"),
      all("tasks"),
      all("schedules"),
      all("webhooks"),
      all("uploads"),
      ownCertificates,
      all("certificates", ["read", "list"]),
      seeEngines,
      seeNetworks,
      seeSecrets,
      all("server", ["read"]),
      ...ownAccess,
    ],
  },
  {
    // Runs programs of its own.
    name: "developer",
    rules: [
      own("jobs", ["create", "read", "list", "update", "delete", "stop", "open"]),
      own("runners", ["create", "read", "list", "update", "delete", "execute"]),
      own("tasks", ["create", "read", "list", "update", "delete", "execute"]),
      own("schedules", ["create", "read", "list", "update", "delete"]),
      own("webhooks", ["create", "read", "list", "update", "delete"]),
      own("uploads", ["create", "read", "list", "delete"]),
      ownCertificates,
      seeEngines,
      seeNetworks,
      ...ownAccess,
    ],
  },
  {
    // Runs what others have made ready, and nothing of its own.
    name: "executor",
    rules: [
      own("jobs", ["read", "list", "stop", "open"]),
      all("tasks", ["read", "list", "execute"]),
      ownCertificates,
      seeEngines,
      seeNetworks,
      ...ownAccess,
    ],
  },
  {
    // Sees what runs, and what it said.
    name: "viewer",
    rules: [
      all("jobs", ["read", "list"]),
      ...seeTasks,
      all("uploads", ["read", "list"]),
      ownCertificates,
      seeEngines,
      seeNetworks,
      ...ownAccess,
    ],
  },
  {
    // What everybody who has an account may do with that.
    name: "self",
    rules: ownAccess,
  },
  {
    // Sees who may come in, and what the server stands on. No jobs: a list shows what they were given and what came of them.
    name: "auditor",
    rules: [
      all("certificates", ["read", "list"]),
      seeEngines,
      seeNetworks,
      seeSecrets,
      all("server", ["read"]),
      all("access", ["read"]),
      all("bindings", ["list"]),
      all("tokens", ["read", "list"]),
      all("audit", ["read", "list"]),
      all("users", ["read", "list"]),
      all("sessions", ["list"]),
      all("groups", ["read", "list"]),
      ...ownAccess,
    ],
  },
];
