import { closeSync, constants, openSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

/** A socket in a folder, at which one other process is awaited. */
export class OfferedSocket implements Disposable {
  readonly listening: Promise<void>;
  /** Whoever has come; destroyed with this, unless `keep` was called. */
  readonly taken: Promise<Socket>;
  readonly #server: Server;
  readonly #folder: number;
  readonly #path: string;
  readonly #came: Socket[] = [];

  /** It is named by the number of the opened folder: the kernel takes no long path for a socket. */
  constructor(folder: string, name: string) {
    this.#folder = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    this.#path = `/proc/self/fd/${this.#folder}/${name}`;
    const taken = Promise.withResolvers<Socket>();
    const listening = Promise.withResolvers<void>();
    this.taken = taken.promise;
    this.listening = listening.promise;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#came.push(socket.on("error", () => undefined));
      taken.resolve(socket);
    });
    this.#server.on("error", listening.reject).listen(this.#path, listening.resolve);
  }

  keep(socket: Socket): void {
    this.#came.splice(this.#came.indexOf(socket), 1);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#came) socket.destroy();
    this.#server.on("connection", (late: Socket) => late.destroy()).close();
    rmSync(this.#path, { force: true });
    closeSync(this.#folder);
  }
}
