import type { JobSpecView } from "@berth/protocol";
import { onLoop } from "../lib/on-loop.ts";

/**
 * The spec of a job as it is stored and shown: JSON, made once and taken apart only by whoever acts by it. It may be
 * megabytes, and most of what reads a job wants to know something else of it.
 */
export class KeptSpec {
  readonly text: string;
  #view: JobSpecView | null;

  private constructor(text: string, view: JobSpecView | null) {
    this.text = text;
    this.#view = view;
  }

  static of(view: JobSpecView): KeptSpec {
    return new KeptSpec(
      onLoop("job: write its spec", () => JSON.stringify(view)),
      view,
    );
  }

  /** `text` is that of another one. */
  static stored(text: string): KeptSpec {
    return new KeptSpec(text, null);
  }

  get view(): JobSpecView {
    this.#view ??= onLoop("job: read its spec", () => JSON.parse(this.text) as JobSpecView);
    return this.#view;
  }
}
