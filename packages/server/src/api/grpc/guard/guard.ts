import { randomUUID } from "node:crypto";
import { constants } from "node:http2";
import { BerthError, errorCatalog } from "@berth/protocol";
import { type ServerInterceptor, ServerInterceptingCall } from "@grpc/grpc-js";
import type { Allowance } from "../../../auth/allowance.ts";
import type { Identity } from "../../../auth/identity.ts";
import type { Events } from "../../../telemetry/events.ts";
import { admit, type AuthContext } from "../admitted-call.ts";
import { connectionCertificate } from "../connection/connection-certificate.ts";
import { holdCall } from "../connection/hold-call.ts";
import {
  dropMessagePieces,
  dropOverflownDeadline,
  http2StreamOf,
  joinMessagePieces,
  limitMessages,
} from "../connection/inside-call.ts";
import { sendPieces } from "../connection/send-pieces.ts";
import { InPieces } from "../messages/in-pieces.ts";
import { LargeRequest } from "../large/large-request.ts";
import type { Acceptance } from "./acceptance.ts";
import { checkLock, holdUse, type Refusals } from "./hold-use.ts";
import type { Fence } from "../../../lib/time/fence.ts";
import { Intake } from "../../../lib/turns/intake.ts";
import { Turns } from "../../../lib/turns/turns.ts";
import { OpenCalls } from "./open-calls.ts";
import { shownError, statusOf } from "../status.ts";

export interface Guard {
  /** Stands before every call of every service, health and reflection included. */
  interceptor: ServerInterceptor;
  /** Other authorities are trusted from now on: ends the calls of clients that none of them has signed for. */
  trust(clientCas: string): void;
  /** The server shuts down: ends the calls that are open, and those to come. */
  endAll(): void;
}

export interface GuardOptions {
  identity: Identity;
  refusals: Refusals;
  acceptance: Acceptance;
  /** While it is shut, nobody is let in and nothing goes out. */
  fence: Pick<Fence, "look">;
  allowance: Allowance;
  events: Pick<Events, "requestFailed">;
  /** Bytes that a message to the call of that path may have. */
  mostBytes: (path: string) => number;
  /** Told with every call that may begin. */
  onAdmitted: (connection: ConnectionInfo) => void;
}

/** One for all: making a stack for each call costs more than the rest of its guard. */
const over = new DOMException("The call is over", "AbortError");

/**
 * How long an ended call waits for its client to read the status. Without this bound a client that never reads would keep
 * the call open, and what is under way to it.
 */
const partingMs = 1000;

type InnerCall = Parameters<ServerInterceptor>[1];
type ConnectionInfo = ReturnType<InnerCall["getConnectionInfo"]>;

/**
 * Lets in who shows a certificate that may still be used, and ends the call at the moment when it may no longer be: a
 * connection outlives the check at its beginning.
 */
export function createGuard({
  identity,
  refusals,
  acceptance,
  fence,
  allowance,
  events,
  mostBytes,
  onAdmitted,
}: GuardOptions): Guard {
  const open = new OpenCalls();
  const intake = new Intake();
  /** Returns what to do when the call is over. Throws BerthError when it may not begin. */
  function enter(call: GuardedCall): () => void {
    if (fence.look()) throw cutOff();
    const shown = connectionCertificate(call.inner);
    const { certificate } = shown;
    acceptance.check(shown);
    const connection = call.inner.getConnectionInfo();
    const { requestId } = call;
    const arrival = { door: "grpc", address: connection.remoteAddress ?? null, requestId } as const;
    const caller = identity.ofCertificate(certificate, arrival);
    const { principal } = caller;
    checkLock(refusals.locks, principal);
    const controller = new AbortController();
    const giveBack = holdCall(call.inner, { principal, allowance });
    open.add(controller, shown);
    const letGo = holdUse(refusals, { certificate, caller }, (why) => controller.abort(why));
    const answer = (): void => call.end(shownError(controller.signal.reason));
    controller.signal.addEventListener("abort", answer);
    admit(call.getAuthContext(), {
      caller,
      signal: controller.signal,
      closing: open.closing,
    });
    onAdmitted(connection);
    call.onFirstRead = (read) => intake.enter(certificate.cn, read);
    return () => {
      call.received();
      giveBack();
      open.remove(controller);
      letGo();
      // Whoever still works for it may stop; there is nobody to answer any more.
      controller.signal.removeEventListener("abort", answer);
      controller.abort(over);
    };
  }

  return {
    interceptor: guarding(enter, { fence, events, mostBytes }),
    trust(clientCas) {
      acceptance.trust(clientCas);
      open.recheck((shown) => acceptance.check(shown));
    },
    endAll: () => open.endAll(),
  };
}

function cutOff(): BerthError {
  const why = "the database does not answer, and another server may have it";
  return new BerthError("DATABASE_UNAVAILABLE", `Cannot take calls: ${why}`);
}

/** One read of a connection may bring a thousand calls, each of them work: they begin in turns of their principals. */
function guarding(
  enter: (call: GuardedCall) => () => void,
  { fence, events, mostBytes }: Pick<GuardOptions, "fence" | "events" | "mostBytes">,
): ServerInterceptor {
  const arrivals = new Turns();
  return ({ path }, inner) => {
    limitMessages(inner, mostBytes(path));
    const call: GuardedCall = new GuardedCall(inner, fence, (next) => {
      void arrivals.pass(nameOf(inner)).then(() => {
        // Taken back meanwhile: nobody waits for an answer.
        if (http2StreamOf(inner)?.closed) return;
        try {
          begin(call, next, enter(call));
        } catch (error) {
          refuse(error, { call, path, events });
        }
      });
    });
    return call;
  };
}

function begin(call: GuardedCall, next: Parameters<Start>[0], leave: () => void): void {
  let hasBegun = false;
  let large: LargeRequest | null = null;
  next({
    onReceiveMetadata(metadata, proceed) {
      hasBegun = true;
      proceed(metadata);
    },
    onReceiveMessage(message: unknown, proceed) {
      if (message instanceof LargeRequest) large = message;
      proceed(message);
    },
    onReceiveHalfClose(proceed) {
      // One that waits to be read is in hand, as one that is on its way.
      if (large === null) call.received();
      else void large.read.promise.then(() => call.received());
      large = null;
      proceed();
    },
    // Comes at every end, not only when the client cancels.
    onCancel: leave,
  });
  // But not for a call that was over before, as by its deadline.
  if (!hasBegun) leave();
}

/** Who has a turn. A client whose certificate cannot be read is told so when it has one. */
function nameOf(inner: InnerCall): string {
  try {
    return connectionCertificate(inner).certificate.cn;
  } catch {
    return "";
  }
}

function refuse(
  error: unknown,
  {
    call: { inner, requestId },
    path,
    events,
  }: { call: GuardedCall; path: string; events: Pick<Events, "requestFailed"> },
): void {
  const shown = shownError(error);
  const { status } = errorCatalog[shown.code];
  events.requestFailed({ requestId, method: "gRPC", route: path, status, code: shown.code, error });
  inner.sendStatus(statusOf(shown, requestId));
}

type Start = NonNullable<NonNullable<ConstructorParameters<typeof ServerInterceptingCall>[1]>["start"]>;

/** A call that the guard can end, whatever its handler and its client do. */
class GuardedCall extends ServerInterceptingCall {
  readonly inner: InnerCall;
  /** Names the call in the log and to the client. */
  readonly requestId = randomUUID();
  /** Shown to the handler: the context that was admitted. */
  readonly #auth: AuthContext = {};
  #ended = false;
  #hasRead = false;
  #received = (): void => undefined;
  /** Says when the request may come. Returns what to call when it is there. */
  onFirstRead: (read: () => void) => () => void = (read) => {
    read();
    return () => undefined;
  };

  readonly #fence: Pick<Fence, "look">;

  constructor(inner: InnerCall, fence: Pick<Fence, "look">, start: Start) {
    super(inner, { start });
    this.inner = inner;
    this.#fence = fence;
    dropOverflownDeadline(inner);
    joinMessagePieces(inner);
  }

  /** The client gets this status, and nothing after it; when the client does not take it, the call is cut. */
  end(error: BerthError): void {
    this.#ended = true;
    this.inner.sendStatus(statusOf(error, this.requestId));
    setTimeout(() => http2StreamOf(this.inner)?.close(constants.NGHTTP2_CANCEL), partingMs).unref();
  }

  /** Nothing is taken from the client before, beyond what clients may send unasked. */
  override startRead(): void {
    if (this.#hasRead) return super.startRead();
    this.#hasRead = true;
    this.#received = this.onFirstRead(() => super.startRead());
  }

  /** The whole request is there, or will never be. */
  received(): void {
    this.#received();
    dropMessagePieces(this.inner);
  }

  /** What was queued behind a client who does not read would break the stream before its status is out. */
  override sendMessage(message: unknown, callback: () => void): void {
    // Where it shuts by this look, the connection is cut.
    if (this.#ended || this.#fence.look()) return;
    if (message instanceof InPieces && sendPieces(this.inner, message, callback)) return;
    super.sendMessage(message, callback);
  }

  override sendStatus(status: Parameters<InnerCall["sendStatus"]>[0]): void {
    if (!this.#ended) super.sendStatus(status);
  }

  override getAuthContext(): AuthContext {
    return this.#auth;
  }
}
