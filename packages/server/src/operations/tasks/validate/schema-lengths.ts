/** Versions that are remembered: those that came last. */
const MOST_KEPT = 1_000;

/** How long schemas are as JSON, in characters. To write one out can take as long as to check an input against it. */
export class SchemaLengths {
  readonly #known = new Map<string, number>();

  /** `key` names the schema for good. */
  of(key: string, schema: object): number {
    const length = this.#known.get(key) ?? JSON.stringify(schema).length;
    this.#known.delete(key);
    this.#known.set(key, length);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KEPT && oldest !== undefined) this.#known.delete(oldest);
    return length;
  }
}
