import type { DefinitionKind } from "../../core/task/definition.ts";
import type { DeliveryAttemptTable, DeliveryTable } from "./ended/delivery-tables.ts";
import type { ScheduleRunTable, ScheduleTable } from "./definitions/schedule-tables.ts";

/** The tables as the queries see them: ids as text, times as epoch ms, JSON as text. */
export interface Tables {
  job: JobTable;
  job_event: JobEventTable;
  stage: StageTable;
  job_label: JobLabelTable;
  job_input: JobInputTable;
  idempotency: IdempotencyTable;
  token: TokenTable;
  account: AccountTable;
  session: SessionTable;
  session_text: { hash: string; session_id: string; replaced_at: number };
  user_group: { name_key: string; name: string; created_at: number };
  membership: { group_key: string; member: string; source: string };
  role: { name: string; rules: string; created_at: number; updated_at: number };
  account_identity: { provider: string; subject: string; account_id: string };
  certificate: CertificateTable;
  authority: { serial: string; trusted_from: number };
  principal_lock: { name: string; locked_at: number };
  role_binding: RoleBindingTable;
  upload: UploadTable;
  quota_bound: QuotaBoundTable;
  left_by_owner: { owner: string; bytes: number };
  network_profile: NetworkProfileTable;
  network_grant: { digest: string; rules: string };
  job_contact: JobContactTable;
  secret: SecretTable;
  secret_version: SecretVersionTable;
  job_secret: { job_id: string; name: string; version: string };
  audit_block: AuditBlockTable;
  audit_record: AuditRecordTable;
  audit_target: { name: string; holder: string };
  audit_position: { target: string; chain: string; seq: number; n: number };
  definition: DefinitionTable;
  definition_version: DefinitionVersionTable;
  schedule: ScheduleTable;
  schedule_run: ScheduleRunTable;
  webhook_message: { webhook: string; id: string; kept_until: number };
  delivery: DeliveryTable;
  delivery_attempt: DeliveryAttemptTable;
  server_lease: { id: string; until: number };
  probe: { id: number; written_at: number };
}

interface QuotaBoundTable {
  kind: "user" | "group";
  subject: string;
  jobs: number | null;
  jobs_per_hour: number | null;
  cpu_milli: number | null;
  memory: number | null;
  stored_bytes: number | null;
}

export interface JobTable {
  id: string;
  owner: string;
  name: string | null;
  state: string;
  engine: string;
  priority: number;
  handle: string | null;
  exit_code: number | null;
  signal: string | null;
  created_at: number;
  /** A boot id and milliseconds, as JSON; null for jobs of servers that did not note it. */
  submitted_since_boot: string | null;
  started_at: number | null;
  ended_at: number | null;
  deadline_at: number | null;
  cause: string | null;
  /** The first request; its grace stands apart, as later ones may shorten it. */
  stop: string | null;
  stop_grace_ms: number | null;
  usage: string;
  limits: string;
  /** The run timeout in ms, with what it was extended by: what counts, whatever `limits` says. */
  run_ms: number | null;
  labels: string;
  isolation: string | null;
  /** Bytes of the text where it is large and the database knows such. */
  spec: string | Uint8Array;
  result: string | null;
  /** Stages that have rows of their own; null for none. */
  stages_before: number | null;
  /** The server that runs it, or did; null for one that waits. */
  claimed_by: string | null;
  /** The network profile and what it opened then; null for `none`. */
  network: string | null;
  network_digest: string | null;
  /** 1 where what it reaches is recorded. */
  network_observed: number | null;
  /** Counts, as JSON; null where there is nothing to tell. */
  contacts: string | null;
  /** What its end added to `left_by_owner`; null for nothing. */
  left_bytes: number | null;
  /** The task that it is a run of, with the versions of it and of its runner; null for none. */
  task: string | null;
  task_version: number | null;
  runner_version: number | null;
  /** Where the task has a bound on its runs: that, and 1 while this one waits for room in it. */
  task_most: number | null;
  task_waits: number | null;
  /** Where its code comes from, as JSON; null for nowhere. */
  source: string | null;
  /** A short name of a run of a task; null for none. */
  alias: string | null;
  /** Who is told of its end, as JSON; null for nobody. */
  callbacks: string | null;
  /** Where it stands among runs that are made again, as JSON; null for most. */
  retry: string | null;
  /** When it is to be made again; null where it is not, or was. */
  retry_at: number | null;
}

export interface JobEventTable {
  job_id: string;
  seq: number;
  type: string;
  at: number;
  cause: string | null;
  exit_code: number | null;
  deadline_at: number | null;
  /** The stage that it is about: see EventStage; null for a job of one stage. */
  stage: string | null;
}

export interface StageTable {
  id: string;
  job_id: string;
  position: number;
  kind: string;
  state: string;
  handle: string | null;
  attempt: number;
  started_at: number | null;
  ended_at: number | null;
  exit_code: number | null;
  signal: string | null;
  cause: string | null;
  usage: string;
  isolation: string | null;
}

export interface JobLabelTable {
  job_id: string;
  key: string;
  value: string;
  created_at: number;
  /** The job's: lists of one owner are read in order too. */
  owner: string;
}

export interface JobInputTable {
  job_id: string;
  seq: number;
  /** An archive has the hash of an upload as its name, and no content. */
  kind: "file" | "stdin" | "archive";
  name: string;
  content: Uint8Array;
}

interface IdempotencyTable {
  owner: string;
  key: string;
  request_hash: string;
  job_id: string;
  created_at: number;
}

export interface TokenTable {
  id: string;
  hash: string;
  principal: string;
  role: "admin" | "user";
  created_at: number;
  expires_at: number | null;
  label: string | null;
  used_at: number | null;
  /** Rules as JSON. */
  scope: string | null;
  /** As in `token ID`. */
  made_by: string | null;
}

export interface AccountTable {
  id: string;
  name: string;
  name_key: string;
  display: string | null;
  created_at: number;
  deleted_at: number | null;
  password: string | null;
  password_at: number | null;
  must_change: number;
}

export interface SessionTable {
  id: string;
  hash: string;
  principal: string;
  provider: string;
  created_at: number;
  used_at: number;
  expires_at: number;
  address: string | null;
  agent: string | null;
  turned_at: number | null;
  rights: string | null;
  before_hash: string | null;
  salt: string | null;
  before_until: number | null;
}

export interface RoleBindingTable {
  id: string;
  role: string;
  kind: "user" | "group";
  subject: string;
  created_at: number;
}

export interface CertificateTable {
  serial: string;
  cn: string;
  kind: "server" | "client";
  issuer: string;
  not_before: number;
  not_after: number;
  issued_at: number;
  revoked_at: number | null;
  made_by: string | null;
}

export interface UploadTable {
  owner: string;
  name: string;
  state: "receiving" | "complete";
  bytes: number;
  length: number | null;
  part: string | null;
  created_at: number;
  used_at: number;
}

export interface NetworkProfileTable {
  name: string;
  digest: string;
  spec: string;
  created_at: number;
  updated_at: number;
}

export interface JobContactTable {
  job_id: string;
  n: number;
  name: string | null;
  address: string | null;
  protocol: "tcp" | "udp" | null;
  port: number | null;
  outcome: "reached" | "refused";
  packets: number;
  bytes_out: number | null;
  bytes_in: number | null;
  first_at: number;
  last_at: number;
}

export interface SecretTable {
  name: string;
  version: number;
  current: string;
  keys: string;
  created_at: number;
  updated_at: number;
}

export interface SecretVersionTable {
  id: string;
  name: string;
  source: "stored" | "files" | "audit";
  key_id: string;
  data_key: string;
  sealed: string;
  created_at: number;
}

export interface DefinitionTable {
  kind: DefinitionKind;
  name: string;
  version: number;
  /** Those before are of another definition, of the same name. */
  first_version: number;
  owner: string;
  /** Of a task its runner, of a schedule or a webhook its task. */
  runner: string | null;
  spec: string;
  created_at: number;
  updated_at: number;
  updated_by: string;
}

export interface DefinitionVersionTable {
  kind: DefinitionKind;
  name: string;
  version: number;
  spec: string;
  at: number;
  by: string;
}

export interface AuditBlockTable {
  chain: string;
  seq: number;
  key_id: string;
  first_at: number;
  at: number;
  count: number;
  prev: string;
  hash: string;
}

export interface AuditRecordTable {
  chain: string;
  seq: number;
  n: number;
  at: number;
  /** What is sealed; the columns behind it are taken from it. */
  record: string;
  account: string | null;
  door: string;
  credential: string | null;
  verb: string;
  resource: string;
  name: string | null;
  outcome: string;
  request_id: string | null;
  address: string | null;
}
