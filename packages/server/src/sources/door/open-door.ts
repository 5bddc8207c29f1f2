import { chmodSync, closeSync, constants, openSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { AddressRefused, connectWhere } from "../../outbound/connect.ts";
import { deadlineSignal } from "../../lib/signals.ts";
import type { Door, Seen } from "./door.ts";
import { isSameHost, judgeOf } from "./judge.ts";
import { answerOf, readGreeting, readRequest, WITHOUT_PASSWORD } from "./socks.ts";

/** Connections through one door at once: git makes a few. */
const MOST_AT_ONCE = 16;
/** Of the few bytes by which a connection is asked for. */
const MOST_ASKED_BYTES = 1024;
const ASKING_MS = 30_000;
const CONNECTING_MS = 30_000;

/** Opens a door. What it sees of why nothing gets through is told as it is seen; when it is closed nothing gets through. */
export async function openDoor(door: Door, tell: (seen: Seen) => void): Promise<Disposable> {
  const folder = openSync(door.folder, constants.O_RDONLY | constants.O_DIRECTORY);
  // Named by the number of the opened folder: the kernel takes no long path for a socket.
  const path = `/proc/self/fd/${folder}/${door.name}`;
  const open = new Set<Socket>();
  const passing = { door, tell, open, bytes: 0 };
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    if (open.size >= MOST_AT_ONCE) return void inside.destroy();
    keep(inside, open);
    lead(inside, passing).catch(() => inside.destroy());
  });
  const close = (): void => {
    for (const socket of open) socket.destroy();
    server.close();
    rmSync(path, { force: true });
    closeSync(folder);
  };
  try {
    server.listen(path);
    await once(server, "listening");
    chmodSync(path, 0o666);
    return { [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

interface Passing {
  door: Door;
  tell: (seen: Seen) => void;
  open: Set<Socket>;
  /** That came in through it. */
  bytes: number;
}

function keep(socket: Socket, open: Set<Socket>): void {
  open.add(socket);
  socket.on("error", () => socket.destroy()).on("close", () => open.delete(socket));
}

async function lead(inside: Socket, passing: Passing): Promise<void> {
  const { door, tell } = passing;
  using asking = deadlineSignal(ASKING_MS, new Error("nothing was asked for"));
  const asked = await readAsked(inside, asking.signal);
  if (asked === null) return void inside.destroy();
  if (!isSameHost(asked.host, door.host) || asked.port !== door.port) {
    const detail = `it leads to ${asked.host}, port ${asked.port}, which is not the runner's`;
    tell({ reason: "refused_address", detail });
    return void inside.end(answerOf(2));
  }
  try {
    using connecting = deadlineSignal(CONNECTING_MS, new Error(`no answer within ${CONNECTING_MS / 1000} s`));
    const where = { host: door.host, port: door.port, tls: null, judge: judgeOf(door) };
    const outside = await connectWhere(where, connecting.signal);
    if (inside.destroyed) return void outside.destroy();
    keep(outside, passing.open);
    inside.write(answerOf(0));
    join(inside, outside, passing);
  } catch (error) {
    tell(seenIn(error));
    inside.end(answerOf(error instanceof AddressRefused ? 2 : 4));
  }
}

/** What is asked for; null where that is no SOCKS. What came behind it is put back. */
async function readAsked(
  inside: Socket,
  signal: AbortSignal,
): Promise<{ host: string; port: number } | null> {
  let block: Buffer = Buffer.alloc(0);
  let isGreeted = false;
  while (block.length <= MOST_ASKED_BYTES) {
    const said = isGreeted ? readRequest(block) : readGreeting(block);
    if (said.kind === "wrong") return null;
    if (said.kind === "more") {
      const more = await nextBlock(inside, signal);
      if (more === null) return null;
      block = Buffer.concat([block, more]);
      continue;
    }
    block = block.subarray(said.bytes);
    if (said.kind === "done") {
      if (block.length > 0) inside.unshift(block);
      return said;
    }
    isGreeted = true;
    inside.write(WITHOUT_PASSWORD);
  }
  return null;
}

async function nextBlock(socket: Socket, signal: AbortSignal): Promise<Buffer | null> {
  for (;;) {
    const block = socket.read() as Buffer | null;
    if (block !== null) return block;
    if (socket.readableEnded || socket.destroyed) return null;
    const ended = once(socket, "end", { signal });
    ended.catch(() => undefined);
    await Promise.race([once(socket, "readable", { signal }), ended]);
  }
}

/** Bytes of either go to the other; where one breaks off, so does the other. */
function join(inside: Socket, outside: Socket, passing: Passing): void {
  const { door, tell } = passing;
  outside.on("data", (block: Buffer) => {
    passing.bytes += block.length;
    if (passing.bytes <= door.mostBytes) return;
    tell({ reason: "too_large", detail: `more than ${door.mostBytes} bytes came` });
    inside.destroy();
    outside.destroy();
  });
  for (const [from, to] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    from.pipe(to);
    from.on("close", () => void (from.readableEnded ? to.end() : to.destroy()));
  }
}

const unknownHost = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "EAI_FAIL"]);

function seenIn(error: unknown): Seen {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof AddressRefused) return { reason: "refused_address", detail };
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  return { reason: unknownHost.has(code) ? "host_not_found" : "unreachable", detail };
}
