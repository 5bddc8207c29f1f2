import { BerthError } from "@berth/protocol/errors";
import type { Berth, ConnectionChange, WireTransport } from "@berth/sdk";
import { type Credentials, credentialsFolder, readCredentials } from "./settings/credentials.ts";
import { painter, type Paint } from "./text/colors.ts";
import { asWritten, Output } from "./output.ts";
import { grpcTarget, readSettings, type Settings } from "./settings/settings.ts";
import { UsageError } from "./usage-error.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a command works with. */
export interface Cli {
  out: Output;
  err: Output;
  surroundings: Surroundings;
  /** Colours for each of the two streams. */
  paintOut: Paint;
  paintErr: Paint;
  /** The client for everything, over REST; made from the settings when it is first asked for. With token null as nobody. */
  connect(given?: { token: string | null }): Promise<Berth>;
  /** The same for what is done to jobs: refused where `dial` would be somebody else, by a certificate. */
  connectAsUser(): Promise<Berth>;
  /** What jobs need, over gRPC where that was asked for or nothing else is set up, else over REST. */
  dial(options?: DialOptions): Promise<Berth>;
  /** Which server would be talked to over REST, and as whom. */
  settings(): Settings;
  /** Which server was dialed, and how; null before that. */
  asked(): string | null;
}

interface DialOptions {
  /** Told when the server stops answering while something is followed, and when it answers again. */
  onConnection?: (change: ConnectionChange) => void;
}

/** Loaded for servers with TLS alone. */
async function trusted(settings: Pick<Settings, "ca" | "ownCa">): Promise<readonly string[] | undefined> {
  const { readAuthorities } = await import("./settings/authorities.ts");
  return readAuthorities(settings);
}

/** A person waits: a server that is not there is told after this time, not after the client's usual patience. */
const REQUEST_PATIENCE_MS = 2_000;

/** What every client of this program is told. */
const shared = {
  userAgent: "berth-cli",
  patience: { requestMs: REQUEST_PATIENCE_MS },
  exactNumber: asWritten,
};

export interface CliOptions {
  /** What the flags say, once they are read. */
  url: () => string | undefined;
  ca: () => string | undefined;
  grpc: () => string | undefined;
  /** The other wire, loaded when it is used. */
  openGrpc: (target: string, credentials: Credentials) => Promise<WireTransport>;
}

export function openCli(surroundings: Surroundings, options: CliOptions): Cli {
  const { env, stdout, stderr } = surroundings;
  let asked: string | null = null;
  const settings = (): Settings => readSettings(env, { url: options.url(), ca: options.ca() });
  const connect = async (given?: { token?: string | null } & DialOptions): Promise<Berth> => {
    const { url, token: known, tokenFrom, ...trust } = settings();
    const token = given?.token === undefined ? known : given.token;
    const ca = url.startsWith("https:") ? await trusted(trust) : undefined;
    const [{ Berth }, { nodeHttp }] = await Promise.all([import("@berth/sdk"), import("@berth/sdk/node")]);
    const berth = new Berth({
      url,
      token: token ?? undefined,
      ...shared,
      transport: nodeHttp({ ca }),
      onConnection: given?.onConnection,
    });
    asked = `${berth.url}, over REST, ${given?.token === null ? "without a token" : `with the token of ${given?.token === undefined ? tokenFrom : "--token-file"}`}`;
    if (token !== null || given?.token === null) return berth;
    // Whoever has no token because there is no server yet is told of the server first.
    await berth.health();
    throw new BerthError(
      "UNAUTHENTICATED",
      `Cannot talk to "${berth.url}": there is no token in ${tokenFrom} that this user may read`,
    );
  };
  const screen = { isMidLine: false };
  const out = new Output(stdout, screen);
  const err = new Output(stderr, screen);
  return {
    out,
    err,
    surroundings,
    paintOut: painter({ isTerminal: out.isTerminal, env }),
    paintErr: painter({ isTerminal: err.isTerminal, env }),
    settings,
    asked: () => asked,
    async connect(given) {
      if (options.grpc() !== undefined) throw onlyRest();
      return connect(given);
    },
    async connectAsUser() {
      if ((options.grpc() ?? grpcTarget(env, { url: options.url() })) !== null) throw onlyRest();
      return connect();
    },
    async dial(dialing) {
      const target = options.grpc() ?? grpcTarget(env, { url: options.url() });
      if (target === null) return connect(dialing);
      const { note, path } = credentialsFolder(env);
      if (note !== null) await err.line(`berth: ${note}`);
      asked = `${withPort(target)}, over gRPC, with the certificate in ${path}`;
      const credentials = readCredentials(env);
      const [{ Berth }, transport] = await Promise.all([
        import("@berth/sdk"),
        options.openGrpc(withPort(target), credentials),
      ]);
      return new Berth({ ...shared, transport, onConnection: dialing?.onConnection });
    },
  };
}

function onlyRest(): UsageError {
  return new UsageError(
    "Cannot do this over gRPC: its wire has no call for it",
    "Leave out --grpc, and use --url and a token",
  );
}

/** gRPC's usual port where none is named. */
function withPort(target: string): string {
  return /:\d+$/.test(target) ? target : `${target}:7401`;
}
