import { isBerthError } from "@berth/protocol";
import type { Audit } from "../../audit/audit.ts";
import type { Arrival, Identity } from "../identity.ts";

/** Records who came with a credential that proves nobody. Of many that are equal their number is told. */
export function withRecordedRefusals(identity: Identity, audit: Pick<Audit, "ofServer" | "note">): Identity {
  async function recorded<Found>(arrival: Arrival, look: () => Promise<Found>): Promise<Found> {
    try {
      return await look();
    } catch (error) {
      noteRefusal(audit, arrival, { error });
      throw error;
    }
  }
  return {
    ...identity,
    ofToken: (authorization, arrival) => recorded(arrival, () => identity.ofToken(authorization, arrival)),
    ofCookie: (text, arrival) => recorded(arrival, () => identity.ofCookie(text, arrival)),
  };
}

/** `provider`: who was asked, where that was not this server. */
export function noteRefusal(
  audit: Pick<Audit, "ofServer" | "note">,
  arrival: Arrival,
  { provider, error }: { provider?: string; error: unknown },
): void {
  const code = isBerthError(error) ? error.code : "INTERNAL";
  const about = { ...(provider !== undefined && { provider }), code };
  const refused = { verb: "enter", resource: "server", name: null, outcome: "denied", about } as const;
  audit.note({ ...audit.ofServer(refused), account: null, ...arrival });
}
