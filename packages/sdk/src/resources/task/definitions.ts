import type { Difference } from "@berth/protocol";
import type { Route } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import type { SignalOptions } from "../job/job-handle.ts";
import type { Page } from "./page.ts";
import { asDefinition, asDefinitionPage, asDifference } from "./task-answers.ts";

/** A page of what is listed. */
export interface PageOptions extends SignalOptions {
  /** At most 100. Default 25. */
  limit?: number | undefined;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

export interface ChangeOptions extends SignalOptions {
  /** The version that the change is made to: VERSION_CHANGED where another one holds by now. Default: whichever holds. */
  version?: number | undefined;
}

/** What a version said. */
export interface Version<Spec> {
  version: number;
  at: string;
  by: string;
  spec: Spec;
}

export interface DefinitionRoutes {
  list: Route;
  create: Route;
  get: Route;
  update: Route;
  delete: Route;
  versions: Route;
  diff: Route;
  rollBack: Route;
}

/** Named definitions whose versions are kept: what runners and tasks have in common. */
export class Definitions<Shown extends { spec: unknown }, SpecInput, Patch> {
  protected readonly rest: Rest;
  readonly #routes: DefinitionRoutes;

  constructor(rest: Rest, routes: DefinitionRoutes) {
    this.rest = rest;
    this.#routes = routes;
  }

  /** By name; those that one may see. */
  async list({ signal, ...query }: PageOptions = {}): Promise<Page<Shown>> {
    const answer = await this.rest.json({ route: this.#routes.list, query, signal });
    return asDefinitionPage<Shown>(answer, this.rest.url);
  }

  /** Who defines one must be allowed to use what it names: secrets, networks, and of a task its runner. */
  async create(name: string, spec: SpecInput, { signal }: SignalOptions = {}): Promise<Shown> {
    const call = { route: this.#routes.create, body: { name, spec }, signal, patienceMs: 0 };
    return asDefinition<Shown>(await this.rest.json(call), this.rest.url);
  }

  /** As it is, or as it was in a version. Throws VERSION_NOT_FOUND. */
  async get(name: string, { signal, version }: ChangeOptions = {}): Promise<Shown> {
    const call = { route: this.#routes.get, name, query: { version }, signal };
    return asDefinition<Shown>(await this.rest.json(call), this.rest.url);
  }

  /**
   * Changes fields, as a new version: each field given takes the place of what is there, limits and timeouts one by one;
   * null takes a field away. Throws VERSION_CHANGED.
   */
  async update(name: string, spec: Patch, { signal, version }: ChangeOptions = {}): Promise<Shown> {
    const call = { route: this.#routes.update, name, body: { spec }, signal, headers: ifMatch(version) };
    return asDefinition<Shown>(await this.rest.json(call), this.rest.url);
  }

  async delete(name: string, { signal }: SignalOptions = {}): Promise<void> {
    await this.rest.json({ route: this.#routes.delete, name, signal, patienceMs: 0 });
  }

  /** What it has said, newest first. */
  async versions(
    name: string,
    { signal, ...query }: PageOptions = {},
  ): Promise<Page<Version<Shown["spec"]>>> {
    const answer = await this.rest.json({ route: this.#routes.versions, name, query, signal });
    return asDefinitionPage<Version<Shown["spec"]>>(answer, this.rest.url);
  }

  /** In which fields two versions differ. Default: the one that holds, and the one before `to`. */
  async diff(
    name: string,
    { signal, ...query }: SignalOptions & { from?: number | undefined; to?: number | undefined } = {},
  ): Promise<Difference> {
    return asDifference(
      await this.rest.json({ route: this.#routes.diff, name, query, signal }),
      this.rest.url,
    );
  }

  /** Puts an earlier version in force again, as a new one. Throws VERSION_NOT_FOUND. */
  async rollBack(name: string, version: number, { signal }: SignalOptions = {}): Promise<Shown> {
    const call = { route: this.#routes.rollBack, name, body: { version }, signal, patienceMs: 0 };
    return asDefinition<Shown>(await this.rest.json(call), this.rest.url);
  }
}

function ifMatch(version: number | undefined): Record<string, string> {
  return version === undefined ? {} : { "if-match": `"${version}"` };
}
