import { createHash } from "node:crypto";
import { type FarRequest, farRequest } from "../far/far-request.ts";
import { unavailable } from "../far/unavailable.ts";
import { unauthenticated } from "../../tokens.ts";
import { type IntrospectionStyle, readAnswer, type Verdict } from "./read-answer.ts";

export interface IntrospectionOptions {
  url: URL;
  style: IntrospectionStyle;
  /** What this server shows there, as an `Authorization` header. */
  authorization: string | null;
  /** PEM; null for whom everybody trusts. */
  ca: string | null;
  /** How long a yes is kept. */
  cacheMs: number;
  now: () => number;
  timeoutMs?: number;
}

type Known = Extract<Verdict, { kind: "known" }>;
type Said = Exclude<Verdict, { kind: "unsaid" }>;

/** A no is kept for less: a token may be known a moment later. */
const NO_MS = 5000;
const MOST_KEPT = 10_000;
const TIMEOUT_MS = 5000;
const WHAT = "Cannot ask whose the token is";
const MOST_BYTES = 64 * 2 ** 10;
/** Guesses must not become a flood for somebody else, nor one address's keep out the others. */
const MOST_ASKED = 64;
const MOST_ASKED_BY_ONE = 16;

/** Asks another server whose a token is. What it says is kept for a moment; where it says nothing, nobody is let in. */
export class Introspection {
  readonly #options: IntrospectionOptions;
  readonly #yes = new Map<string, { said: Said; until: number }>();
  /** Apart from the others, so that guesses cannot crowd them out. */
  readonly #no = new Map<string, { said: Said; until: number }>();
  readonly #asked = new Map<string, Promise<Said>>();
  readonly #askedBy = new Map<string, number>();

  constructor(options: IntrospectionOptions) {
    this.#options = options;
  }

  /** Throws UNAUTHENTICATED where the token is nobody's, IDENTITY_UNAVAILABLE where nobody can say. */
  async find(token: string, { address }: { address: string | null }): Promise<Known & { id: string }> {
    const id = createHash("sha256").update(token).digest("hex");
    const said = this.#kept(id) ?? (await this.#ask(id, { token, who: address ?? "" }));
    if (said.kind === "unknown") throw unauthenticated(`the token is refused: ${said.why}`);
    if (said.until !== null && said.until <= this.#options.now())
      throw unauthenticated("the token has expired");
    return { ...said, id };
  }

  /** What it answers to a token that is nobody's: whether it can be asked. */
  async probe(): Promise<Verdict> {
    return await this.#answer("berth-doctor-asks");
  }

  #kept(id: string): Said | null {
    const found = this.#yes.get(id) ?? this.#no.get(id);
    if (found !== undefined && found.until > this.#options.now()) return found.said;
    this.#yes.delete(id);
    this.#no.delete(id);
    return null;
  }

  /** Once at a time for each token, however many show it. */
  #ask(id: string, { token, who }: { token: string; who: string }): Promise<Said> {
    const asked = this.#asked.get(id);
    if (asked !== undefined) return asked;
    const before = this.#askedBy.get(who) ?? 0;
    if (this.#asked.size >= MOST_ASKED || before >= MOST_ASKED_BY_ONE)
      return Promise.reject(unavailable(WHAT, "too many other tokens are being asked for"));
    this.#askedBy.set(who, before + 1);
    const asking = this.#askNow(id, token).finally(() => {
      this.#asked.delete(id);
      const rest = (this.#askedBy.get(who) ?? 1) - 1;
      if (rest > 0) this.#askedBy.set(who, rest);
      else this.#askedBy.delete(who);
    });
    this.#asked.set(id, asking);
    return asking;
  }

  async #askNow(id: string, token: string): Promise<Said> {
    const said = await this.#answer(token);
    if (said.kind === "unsaid") throw unavailable(WHAT, said.why);
    const { now, cacheMs } = this.#options;
    const keepUntil = now() + (said.kind === "known" ? cacheMs : NO_MS);
    const until = said.kind === "known" && said.until !== null ? Math.min(keepUntil, said.until) : keepUntil;
    keep(said.kind === "known" ? this.#yes : this.#no, id, { said, until });
    return said;
  }

  async #answer(token: string): Promise<Verdict> {
    const { now, style } = this.#options;
    try {
      return readAnswer(await farRequest(this.#requestOf(token)), { style, now: now() });
    } catch (error) {
      return { kind: "unsaid", why: error instanceof Error ? error.message : String(error) };
    }
  }

  #requestOf(token: string): FarRequest {
    const { url, style, authorization, ca, timeoutMs = TIMEOUT_MS } = this.#options;
    const form = style === "rfc7662";
    return {
      url,
      method: "POST",
      headers: {
        "content-type": form ? "application/x-www-form-urlencoded" : "application/json",
        ...(authorization !== null && { authorization }),
      },
      body: form
        ? new URLSearchParams({ token, token_type_hint: "access_token" }).toString()
        : JSON.stringify({ token }),
      ca,
      timeoutMs,
      mostBytes: MOST_BYTES,
    };
  }
}

function keep<Value>(cache: Map<string, Value>, id: string, value: Value): void {
  const [oldest] = cache.keys();
  if (cache.size >= MOST_KEPT && oldest !== undefined) cache.delete(oldest);
  cache.set(id, value);
}
