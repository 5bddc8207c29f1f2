import { join } from "node:path";
import { createFileArtifactStore } from "./artifacts/files/file-artifact-store.ts";
import { followAccess } from "./auth/follow-access.ts";
import { Locks } from "./auth/locks.ts";
import { wholeAccess } from "./auth/policy/whole-access.ts";
import type { Config } from "./config/config.ts";
import { openLogin } from "./auth/login/open-login.ts";
import { type Elsewhere, nobodyElse } from "./auth/providers/open-far.ts";
import { givenRoles, Roles } from "./auth/roles.ts";
import { ShownTokens } from "./auth/shown-tokens.ts";
import { builtInRoles } from "./core/access/built-in-roles.ts";
import { limitsOf } from "./core/limits.ts";
import type { NetworkRules } from "./core/network/profile.ts";
import { Quotas } from "./core/queue/quota.ts";
import type { OpenJobs } from "./core/job/open-jobs.ts";
import type { Engine } from "./engines/engine.ts";
import { systemClock } from "./lib/clock.ts";
import { Turns } from "./lib/turns/turns.ts";
import { createFileLogStore } from "./logs/files/file-log-store.ts";
import type { Context, Gates } from "./operations/context.ts";
import { whyHeld } from "./operations/tasks/deliveries/why-held.ts";
import { SeenKeys } from "./operations/jobs/submit/seen-keys.ts";
import { runDue } from "./operations/tasks/schedules/run-due.ts";
import { uploadQuota } from "./operations/quotas/stored-room.ts";
import { InputValidator } from "./operations/tasks/validate/validator.ts";
import { openDeliveries } from "./deliveries/open-deliveries.ts";
import { moveRegistryFile } from "./pki/files/registry-file.ts";
import type { Pki } from "./pki/open-pki.ts";
import { Reconciler } from "./reconciler/reconciler.ts";
import { openTimers, type TimersOptions } from "./reconciler/schedules/open-timers.ts";
import type { Launchers } from "./reconciler/walk/launches/launcher.ts";
import { openLaunchers } from "./reconciler/walk/launches/open-launchers.ts";
import { rulesByName } from "./operations/networks/rules-by-name.ts";
import { openAuditKeys, openSecrets } from "./secrets/open-secrets.ts";
import { openSources } from "./sources/files/open-sources.ts";
import { openRecorded, type RecordedOptions } from "./audit/open-recorded.ts";
import { lockDataDir, openDataDir } from "./store/data-dir-lock.ts";
import { holdDiskReserve } from "./store/disk-reserve.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import type { Events } from "./telemetry/events.ts";
import { createFileUploadStore } from "./uploads/files/file-upload-store.ts";
import { Uploads } from "./uploads/uploads.ts";

/** Everything that takes jobs and runs them, with no door to it. Disposing it leaves running jobs to the next one. */
export interface ControlPlane extends AsyncDisposable {
  readonly context: Context;
  /** Jobs that had not ended when the server before went away. */
  readonly takenUp: OpenJobs;
  /** Aborts when another server has taken the database over: nothing can be done here any more. */
  readonly lost: AbortSignal;
}

type ReconcilerOptions = ConstructorParameters<typeof Reconciler>[0];

/** As the store has it now. */
export async function countOpenJobs({ store }: Pick<Context, "store">): Promise<OpenJobs> {
  const unfinished = await store.jobs.unfinished();
  const queued = unfinished.filter(({ state }) => state === "queued").length;
  return { running: unfinished.length - queued, queued };
}

export type ControlPlaneSettings = Pick<
  Config,
  | "dataDir"
  | "database"
  | "queueLength"
  | "enforcement"
  | "limits"
  | "stopGraceMs"
  | "keep"
  | "uploads"
  | "network"
  | "secrets"
> &
  Partial<Pick<Config, "enginesAllowed" | "access" | "audit" | "outbound" | "sources" | "callbacks">>;

export interface ControlPlaneParts {
  events: Pick<Events, "jobSubmitted" | "accessChanged" | "jobStarted" | "jobEnded" | "fault"> &
    Partial<Pick<Events, "readiness" | "deliveryTried">>;
  /** Told when the data disk became full, and when it is no more. */
  reportDisk: (isFull: boolean) => void;
  /** Told when the database was lost, and, with null, when it is there again. Default: nobody, for the data folder's own. */
  reportDatabase?: (lost: Error | null) => void;
  /** How to open what runs the jobs; the first is for jobs that name none. */
  engines: readonly (() => Promise<Engine>)[];
  /** Whether jobs of the server's own say if the engines can run any. Default false: for where nobody asks. */
  probe?: boolean;
  /** What the stages before the user's execute. Default: what each kind of them is for. */
  launchers?: Launchers;
  /** Who knows people beside this server. Default: nobody. */
  elsewhere?: Elsewhere;
  /** Default: no certificates. */
  openPki?: (store: Store) => Promise<Pki | null>;
}

/**
 * Puts the parts together, in the order in which they need each other; the scope closes them the other way round.
 * Throws BerthError when a part cannot be opened.
 */
export async function openControlPlane(
  settings: ControlPlaneSettings,
  {
    events,
    reportDisk,
    reportDatabase = () => undefined,
    engines: openers,
    openPki = () => Promise.resolve(null),
    probe = false,
    elsewhere = nobodyElse(systemClock),
    launchers,
  }: ControlPlaneParts,
): Promise<ControlPlane> {
  const [{ dataDir }, clock] = [settings, systemClock];
  await using opening = new AsyncDisposableStack();
  await openDataDir(dataDir);
  opening.use(await lockDataDir(dataDir));
  const diskReserve = opening.use(holdDiskReserve({ dataDir, clock, report: reportDisk }));
  const recorded = recordedSettings(settings, { report: events.fault, reportDatabase });
  const { store, audit } = opening.use(await openRecorded(recorded));
  // Earlier versions kept certificates in a file. Who is locked out is also of interest where no certificate is.
  const { certificates } = store;
  await moveRegistryFile({ folder: join(dataDir, "pki"), certificates, now: clock.now() });
  const logs = opening.use(createFileLogStore({ root: join(dataDir, "logs"), clock, report: events.fault }));
  const artifacts = createFileArtifactStore({ root: join(dataDir, "artifacts") });
  // The first start makes an authority, which takes a second or two: the engine opens meanwhile.
  const pkiOpening = openPki(store);
  opening.defer(closing(pkiOpening));
  const [engines, pki] = [await openEach(openers, opening), await pkiOpening];
  const following = { settings, report: events.fault, elsewhere };
  const { gates, quotas } = opening.use(await openAccess({ store, pki, audit }, following));
  const uploads = openUploads(settings, { store, groups: gates.groups, quotas }, opening);
  const secrets = await openSecrets(settings, { store: store.secrets, clock });
  const sources = await openSources(settings, { store, report: events.fault });
  const policy = policyOf(settings, engines);
  const parts = { store, audit, logs, artifacts, uploads, engines, quotas, sources, policy, ...secrets };
  const told = { store, audit, ...secrets, whyHeld: (owner: string) => whyHeld(gates, owner) };
  const keeper = openDeliveries(told, { allowed: settings.callbacks?.allowed, events });
  const timers = openTimers({ store, report: events.fault, ...whatIsDue(() => context) });
  const running = { settings, probe, report: events, launchers, opening, keeper, timers };
  const reconciler = openReconciler(parts, running);
  // Before the reconciler ends: what it waits for may be a database that is away.
  opening.defer(() => store.closing());
  const takenUp = await countOpenJobs({ store });
  await reconciler.start();
  const context: Context = {
    ...parts,
    pki,
    ...gates,
    scheduler: reconciler,
    schedules: timers.schedules,
    deliveries: keeper,
    diskReserve,
    inputs: opening.use(new InputValidator()),
    turns: new Turns(),
    seenKeys: await SeenKeys.of(store),
    events,
    now: () => clock.now(),
    sinceBoot: () => clock.sinceBoot(),
  };
  for (const one of [timers.schedules, timers.retries, keeper]) opening.use(one).start();
  return closedBy(opening.move(), { context, takenUp, lost: store.lost });
}

/** What becomes of it. Runs are rarely made again: what does that is loaded with the first one. */
function whatIsDue(use: () => Context): Pick<TimersOptions, "schedule" | "retry"> {
  return {
    schedule: (name) => runDue(use(), name),
    retry: async (id) => (await import("./operations/tasks/retry-run.ts")).retryRun(use(), id),
  };
}

/** The way to close it, however that went. Its failure is met where it is awaited, which may be a while after it came. */
function closing(pki: Promise<Pki | null>): () => Promise<void> {
  pki.catch(() => undefined);
  return async () => (await pki.catch(() => null))?.[Symbol.asyncDispose]();
}

function closedBy(
  open: AsyncDisposableStack,
  plane: Pick<ControlPlane, "context" | "takenUp" | "lost">,
): ControlPlane {
  return { ...plane, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
}

function recordedSettings(
  settings: ControlPlaneSettings,
  {
    report,
    reportDatabase,
  }: { report: Events["fault"] } & Required<Pick<ControlPlaneParts, "reportDatabase">>,
): RecordedOptions<Store> {
  const { database, dataDir, audit, outbound } = settings;
  const { syslog = null, webhook = null, keepForMs = null } = audit ?? {};
  return {
    dataDir,
    keepForMs,
    shipTo: { syslog, webhook, allowed: outbound?.allowed ?? [] },
    sharedKeys: database.kind === "sqlite" ? null : (store) => openAuditKeys(settings, store, systemClock),
    openStore: (trail) => openStore({ database, dataDir, report: reportDatabase, trail }),
    clock: systemClock,
    report,
  };
}

/** Who may do what, as it is stored, now and whenever somebody changes it. */
async function openAccess(
  { store, pki, audit }: Pick<Context, "store" | "pki" | "audit">,
  {
    settings,
    report,
    elsewhere: { providers, ...others },
  }: {
    settings: ControlPlaneSettings;
    report: ControlPlaneParts["events"]["fault"];
    elsewhere: Elsewhere;
  },
): Promise<{ gates: Gates; quotas: Quotas } & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const now = (): number => systemClock.now();
  const locks = new Locks((await store.locks.list()).map(({ name }) => name));
  const roles = new Roles(builtInRoles, await givenRoles(store));
  const tokens = new ShownTokens({ tokens: store.tokens, now });
  const login = opening.use(
    await openLogin({ store, audit, locks, now, life: settings.access?.sessions, roles, providers }),
  );
  const revocations = pki?.revocations ?? null;
  const { sessions, cookies, accounts, groups, signIn, passwords } = login;
  const quotas = new Quotas(await store.quotas.list(), (owner) => groups.of(owner));
  groups.watch(() => quotas.regroup());
  const followed = { locks, roles, tokens, sessions, accounts, groups, quotas, revocations };
  opening.use(followAccess({ store, ...followed, report }));
  const writeGroups = settings.access?.writeGroups ?? null;
  const decisions = wholeAccess({ roles, groups, locks, audit, writeGroups });
  const open = opening.move();
  return {
    gates: {
      ...decisions,
      locks,
      roles,
      tokens,
      sessions,
      cookies,
      accounts,
      groups,
      signIn,
      passwords,
      ...others,
    },
    quotas,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

function openReconciler(
  parts: Pick<Context, "store" | "audit" | "logs" | "artifacts" | "uploads" | "quotas"> &
    Pick<Context, "engines" | "sources" | "jobSecrets" | "policy">,
  {
    settings,
    probe,
    report,
    launchers: given,
    opening,
    keeper,
    timers,
  }: Pick<ReconcilerOptions, "report"> & {
    settings: ControlPlaneSettings;
    probe: boolean;
    launchers: Launchers | undefined;
    opening: AsyncDisposableStack;
    keeper: Context["deliveries"];
    timers: Record<"retries", { changed(): void }>;
  },
): Reconciler {
  const rulesOf = (profile: string): Promise<NetworkRules | null> => rulesByName(parts, profile);
  const allowed = settings.sources?.allowed ?? [];
  const { launchers } = opening.use(openLaunchers({ ...parts, rulesOf, allowed, report }));
  return opening.use(
    new Reconciler({
      ...parts,
      settings: reconcilerSettings(settings, probe),
      report,
      clock: systemClock,
      launchers: given ?? launchers,
      deliveriesDue: () => keeper.wake(),
      retriesDue: () => timers.retries.changed(),
    }),
  );
}

/** By name, in the order in which they are named. */
async function openEach(
  openers: ControlPlaneParts["engines"],
  opening: AsyncDisposableStack,
): Promise<Map<string, Engine>> {
  const engines = new Map<string, Engine>();
  for (const open of openers) {
    const engine = opening.use(await open());
    engines.set(engine.name, engine);
  }
  return engines;
}

function openUploads(
  { dataDir, uploads: limits }: ControlPlaneSettings,
  { store, groups, quotas }: Pick<Context, "store" | "groups" | "quotas">,
  opening: AsyncDisposableStack,
): Uploads {
  const files = opening.use(createFileUploadStore({ root: join(dataDir, "uploads") }));
  const quotaOf = uploadQuota({ store, groups, quotas });
  return new Uploads({ store: store.uploads, files, limits, now: () => systemClock.now(), quotaOf });
}

function policyOf(
  { limits, enforcement, stopGraceMs, queueLength, network, enginesAllowed = ["*"] }: ControlPlaneSettings,
  engines: Context["engines"],
): Context["policy"] {
  const [defaultEngine = ""] = engines.keys();
  return { defaultEngine, enginesAllowed, limits, enforcement, stopGraceMs, queueLength, network };
}

function reconcilerSettings(settings: ControlPlaneSettings, probe: boolean): ReconcilerOptions["settings"] {
  const { stopGraceMs, keep, limits } = settings;
  return {
    stopGraceMs,
    keepJobsMs: keep.jobsForMs,
    keepOutputBytes: keep.outputBytes,
    keepUploadsMs: keep.uploadsForMs,
    artifactBytes: limits.disk ?? 10 * 2 ** 30,
    artifactFiles: 10_000,
    probeLimits: probe ? limitsOf({}, limits) : null,
  };
}
