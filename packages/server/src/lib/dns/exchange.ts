/** A server that answers questions of DNS. */
export interface Server {
  address: string;
  port: number;
}

/** One question to one server. */
export interface Exchange {
  server: Server;
  query: Buffer;
  timeoutMs: number;
  /** Whether that is the answer to it, and not to another one or of somebody who guesses. */
  isAnswer: (bytes: Buffer) => boolean;
}
