import { demandNewBinding, newBinding, subjectOf, tellOfBinding } from "../../roles/create-binding.ts";
import { type Plan, type Planning, unchanged } from "./planned.ts";

/** Throws as giving the role alone does. `isGiven` knows of those that the caller may see. */
export async function planBinding(
  { context, caller, roles: defined, made }: Planning,
  {
    role,
    user,
    group,
    isGiven,
  }: {
    role: string;
    user?: string | undefined;
    group?: string | undefined;
    isGiven: (binding: { role: string; kind: "user" | "group"; subject: string }) => boolean;
  },
): Promise<Plan> {
  const kind = group === undefined ? "user" : "group";
  const request = { caller, role, kind, subject: group ?? user ?? "" } as const;
  const subject = subjectOf(context, request);
  const name = `${role} ${kind} ${subject}`;
  if (isGiven({ role, kind, subject })) return unchanged(name, null);
  await demandNewBinding(context, { ...request, defined, before: made.binding });
  made.binding += 1;
  const { record, row } = newBinding(context, request);
  return {
    name,
    action: "create",
    from: null,
    to: null,
    changes: [],
    write: async (audited) => {
      await audited(record).bindings.insert(row);
      return null;
    },
    tell: () => tellOfBinding(context.events, { caller, binding: row }),
  };
}
