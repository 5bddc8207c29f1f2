import type { JobSpecView } from "@berth/protocol";
import { onLoop } from "../../lib/on-loop.ts";

/**
 * The spec of a job as it is stored and shown: JSON, made once and taken apart only by whoever acts by it. It may be
 * megabytes, and most of what reads a job wants to know something else of it.
 */
export class KeptSpec {
  /** A text, or its bytes where it is large: those lie beside the heap, where no collector has to look at them. */
  readonly json: string | Uint8Array;
  #view: JobSpecView | null;

  private constructor(json: string | Uint8Array, view: JobSpecView | null) {
    this.json = json;
    this.#view = view;
  }

  static of(view: JobSpecView): KeptSpec {
    return new KeptSpec(
      onLoop("job: write its spec", () => JSON.stringify(view)),
      view,
    );
  }

  /** `json` is that of another one; `view` what it says, where somebody has read it already. */
  static stored(json: string | Uint8Array, view: JobSpecView | null = null): KeptSpec {
    return new KeptSpec(json, view);
  }

  /** Letters or bytes. */
  get size(): number {
    return this.json.length;
  }

  /** Whether somebody has taken it apart already. */
  get isRead(): boolean {
    return this.#view !== null;
  }

  /** False where it says nothing under this name, which is known without taking it apart. */
  mentions(field: keyof JobSpecView): boolean {
    return this.#view === null ? includes(this.json, `"${field}":`) : this.#view[field] !== undefined;
  }

  get view(): JobSpecView {
    this.#view ??= onLoop("job: read its spec", () => JSON.parse(textOf(this.json)) as JobSpecView);
    return this.#view;
  }
}

function textOf(json: string | Uint8Array): string {
  return typeof json === "string" ? json : new TextDecoder().decode(json);
}

function includes(json: string | Uint8Array, text: string): boolean {
  if (typeof json === "string") return json.includes(text);
  return Buffer.from(json.buffer, json.byteOffset, json.byteLength).includes(text);
}
