import type { Guard } from "./guard.ts";

const operations = "packages/server/src/operations";
const test = "packages/server/test/no-escalation.test.ts";
/** Without what is asked there; what it is given is worked out still. */
const held = (file: string, guard: string, take: string): Guard => ({
  guard,
  file: `${operations}/${file}`,
  take: `await ${take}(`,
  leave: "void (() => undefined)(",
  test,
  title: take.includes("Held") ? "nobody comes by more" : "shuts an administrator out",
});

/** Nobody comes by more than he holds, nor shuts out who holds more. */
export const escalation: readonly Guard[] = [
  held("roles/create-binding.ts", "nobody gives a role of which he does not hold all", "access.demandHeld"),
  held("roles/create-role.ts", "nobody makes a role of which he does not hold all", "access.demandHeld"),
  held("roles/update-role.ts", "nobody puts into a role what he does not hold", "access.demandHeld"),
  held("users/create-user.ts", "nobody makes a user who may more than he", "access.demandHeld"),
  held("users/set-user-password.ts", "nobody sets the password of who may more", "access.demandHeld"),
  held("users/link-user.ts", "nobody links somebody to who may more", "access.demandHeld"),
  held("users/restore-user.ts", "nobody brings back who may more", "access.demandHeld"),
  held("users/lock-user.ts", "nobody unlocks who may more", "access.demandHeld"),
  held("tokens/create-token.ts", "nobody makes a token of who may more", "access.demandHeld"),
  held(
    "certificates/issue-certificate.ts",
    "nobody gets a certificate of who may more",
    "context.access.demandHeld",
  ),
  held("certificates/lock-principal.ts", "nobody unlocks a name that may more", "access.demandHeld"),
  {
    ...held("groups/change-member.ts", "nobody adds to a group that may more", "access.demandHeld"),
    take: "if (isMember) await access.demandHeld(",
    leave: "if (isMember) void (() => undefined)(",
  },
  held("users/lock-user.ts", "nobody locks an administrator who is none", "demandKeeper"),
  held("users/delete-user.ts", "nobody deletes an administrator who is none", "demandKeeper"),
  held("users/link-user.ts", "nobody unlinks an administrator who is none", "demandKeeper"),
  held("certificates/lock-principal.ts", "nobody locks an administrator's name who is none", "demandKeeper"),
  held("sessions/delete-session.ts", "nobody ends an administrator's login who is none", "demandKeeper"),
  held("tokens/delete-token.ts", "nobody revokes an administrator's token who is none", "demandKeeper"),
  held("roles/delete-binding.ts", "nobody takes an administrator's role away who is none", "demandKeeperOf"),
  held(
    "roles/update-role.ts",
    "nobody takes what makes an administrator out of a role who is none",
    "demandKeeperOf",
  ),
  held("groups/delete-group.ts", "nobody deletes a group of administrators who is none", "demandKeeperOf"),
  held(
    "groups/change-member.ts",
    "nobody takes somebody out of a group of administrators who is none",
    "demandKeeperOf",
  ),
  {
    ...held("access/demand-keeper.ts", "an administrator is one however the name is written", ""),
    take: "const names = [...new Set([name, key, ...bound])];",
    leave: "const names = [name, ...(bound.length < 0 ? [key] : [])];",
  },
];
