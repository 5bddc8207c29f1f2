import { isBerthError } from "@berth/protocol";
import type { Audit } from "../../audit/audit.ts";
import type { Identity } from "../identity.ts";

/** Records who came with a credential that proves nobody. Of many that are equal their number is told. */
export function withRecordedRefusals(identity: Identity, audit: Pick<Audit, "ofServer" | "note">): Identity {
  return {
    ...identity,
    async ofToken(authorization, arrival) {
      try {
        return await identity.ofToken(authorization, arrival);
      } catch (error) {
        const code = isBerthError(error) ? error.code : "INTERNAL";
        const refused = { verb: "enter", resource: "server", name: null, outcome: "denied" } as const;
        audit.note({ ...audit.ofServer({ ...refused, about: { code } }), account: null, ...arrival });
        throw error;
      }
    },
  };
}
