import type { Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { Pki } from "../../pki/open-pki.ts";
import type { Issuer } from "../../pki/issue.ts";
import type { Context } from "../context.ts";
import { makerOf } from "../access/maker-of.ts";
import { authorityOf } from "./authority-of.ts";

/** Whatever it issues is recorded as this caller's doing, together with the certificate. Throws CERTIFICATES_OFF. */
export function recordedIssuer(
  context: Context,
  caller: Caller,
  permission: Permission,
): Issuer & Pick<Pki, "revocations"> {
  const { store, audit } = context;
  const issuer = authorityOf(context);
  const registry: Issuer["registry"] = {
    ...issuer.registry,
    insert(record) {
      const about = { owner: record.cn, kind: record.kind, until: record.notAfter };
      const entry = audit.entry(caller, { ...permission, name: record.serial, about });
      return store.audited(entry).certificates.insert({ ...record, madeBy: makerOf(caller) });
    },
  };
  return { ...issuer, registry };
}
