import type { Rule } from "../access/role.ts";
import type { Principal } from "./principal.ts";

/** By which way a request came in. */
type Door = "rest" | "grpc" | "library" | "schedule" | "webhook" | "retry";

/** What proved who is calling, without what would let somebody else prove it: `id` may be written down anywhere. */
interface Credential {
  /** `schedule`: the clock has come to what somebody asked for. `webhook`: somebody has signed a call with its secret. `retry`: a run of somebody's is made again. `process`: whoever runs the program may do what the program may. `none`: nobody has said who it is. */
  kind:
    | "token"
    | "session"
    | "introspection"
    | "certificate"
    | "schedule"
    | "webhook"
    | "retry"
    | "process"
    | "none";
  /** The id of a token or a session, the beginning of the hash of a token of somebody else's, the serial number of a certificate, the number of a process, the name of a schedule or a webhook, the job that is run again. */
  id: string;
  /** Epoch ms; absent where it has no end, or its door watches over it. */
  expiresAt?: number;
}

/** Who asks for something, and how. Every operation gets it, whatever the door. */
export interface Caller {
  readonly principal: Principal;
  /** Names of groups that the principal belongs to. */
  readonly groups: readonly string[];
  readonly door: Door;
  readonly credential: Readonly<Credential>;
  /** Of a token: the most that it may be used for. Absent: all that the principal may do. */
  readonly scope?: readonly Rule[];
  /** Its password was chosen by somebody else: it may choose one, and nothing more. */
  readonly mustChangePassword?: true;
  /** The IP address of the client, as the connection shows it, or a proxy that the operator trusts; null where there is no connection. */
  readonly address: string | null;
  /** Names the request in the log and to the client. */
  readonly requestId: string;
}
