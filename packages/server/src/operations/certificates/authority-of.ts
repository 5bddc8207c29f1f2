import { BerthError } from "@berth/protocol";
import type { Issuer } from "../../pki/issue.ts";
import type { Pki } from "../../pki/open-pki.ts";
import type { Context } from "../context.ts";

/** What certificates are made with and remembered in. Throws CERTIFICATES_OFF where that is somebody else's business. */
export function authorityOf({ pki }: Context): Issuer & Pick<Pki, "revocations"> {
  if (pki === null) throw off("the server speaks no gRPC");
  const { ca, registry, clock, revocations } = pki;
  if (ca === null) throw off("its certificates come from BERTH_GRPC_CERTS, another authority");
  return { ca, registry, clock, revocations };
}

function off(why: string): BerthError {
  return new BerthError("CERTIFICATES_OFF", `Cannot handle certificates: ${why}`);
}
