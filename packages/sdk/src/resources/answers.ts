import type {
  ArtifactList,
  Binding,
  BindingList,
  Certificate,
  CertificateList,
  ContactList,
  CreatedToken,
  Delivery,
  DeliveryList,
  EngineList,
  Explanation,
  IssuedCertificate,
  LockList,
  Network,
  NetworkList,
  Job,
  JobEvent,
  JobList,
  OutputChunk,
  ProposedNetwork,
  RoleList,
  RotatedKey,
  Secret,
  SecretList,
  ServerReport,
  Token,
  TokenList,
  Upload,
  UploadList,
  WhoAmI,
} from "@berth/protocol";
import { unreadable } from "../transport/translate-error.ts";

/*
 * The boundary between what a server sends and the types of the contract. It looks at what this package relies on
 * and no further, so that a client goes on working with a newer server's states, causes and fields.
 */

export function asJob(value: unknown, url: string): Job {
  if (isRecord(value) && typeof value["id"] === "string" && typeof value["state"] === "string") {
    return value as unknown as Job;
  }
  throw unreadable(url, "it is not a job");
}

export function asJobList(value: unknown, url: string): JobList {
  if (isRecord(value) && Array.isArray(value["items"]) && isNullableText(value["next"])) {
    for (const item of value["items"]) asJob(item, url);
    return value as unknown as JobList;
  }
  throw unreadable(url, "it is not a list of jobs");
}

export function asJobEvent(value: unknown, url: string): JobEvent {
  if (isRecord(value) && typeof value["seq"] === "number" && typeof value["type"] === "string") {
    return value as unknown as JobEvent;
  }
  throw unreadable(url, "it is not an event of a job");
}

export function asOutputChunk(value: unknown, url: string): OutputChunk {
  const { stream, offset, data } = isRecord(value) ? value : {};
  if (
    (stream === "stdout" || stream === "stderr") &&
    Number.isSafeInteger(offset) &&
    typeof data === "string"
  ) {
    return value as OutputChunk;
  }
  throw unreadable(url, "it is not a piece of output");
}

export function asArtifactList(value: unknown, url: string): ArtifactList {
  if (isRecord(value) && Array.isArray(value["items"]) && Array.isArray(value["skipped"])) {
    return value as unknown as ArtifactList;
  }
  throw unreadable(url, "it is not a list of artifacts");
}

export function asEngineList(value: unknown, url: string): EngineList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as EngineList;
  throw unreadable(url, "it is not a list of engines");
}

export function asServerReport(value: unknown, url: string): ServerReport {
  const { database, trust } = isRecord(value) ? value : {};
  if (hasChecks(database) && hasChecks(trust)) return value as ServerReport;
  throw unreadable(url, "it does not say what the server stands on");
}

function hasChecks(value: unknown): boolean {
  return isRecord(value) && Array.isArray(value["checks"]);
}

export function asCertificate(value: unknown, url: string): Certificate {
  if (isRecord(value) && typeof value["serial"] === "string") return value as unknown as Certificate;
  throw unreadable(url, "it is not a certificate");
}

export function asIssuedCertificate(value: unknown, url: string): IssuedCertificate {
  if (isRecord(value) && typeof value["certificate"] === "string" && typeof value["ca"] === "string") {
    return value as unknown as IssuedCertificate;
  }
  throw unreadable(url, "it is not a certificate");
}

export function asCertificateList(value: unknown, url: string): CertificateList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as CertificateList;
  throw unreadable(url, "it is not a list of certificates");
}

export function asPrincipalLock(value: unknown, url: string): { name: string; locked: boolean } {
  if (isRecord(value) && typeof value["name"] === "string" && typeof value["locked"] === "boolean") {
    return { name: value["name"], locked: value["locked"] };
  }
  throw unreadable(url, "it does not say who is locked");
}

export function asLockList(value: unknown, url: string): LockList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as LockList;
  throw unreadable(url, "it does not say who is locked");
}

export function asUpload(value: unknown, url: string): Upload {
  if (isRecord(value) && typeof value["sha256"] === "string" && Number.isSafeInteger(value["offset"])) {
    return value as unknown as Upload;
  }
  throw unreadable(url, "it is not an upload");
}

export function asUploadList(value: unknown, url: string): UploadList {
  if (isRecord(value) && Array.isArray(value["items"]) && isNullableText(value["next"])) {
    return value as unknown as UploadList;
  }
  throw unreadable(url, "it is not a list of uploads");
}

export function asWhoAmI(value: unknown, url: string): WhoAmI {
  if (isRecord(value) && typeof value["name"] === "string" && Array.isArray(value["roles"])) {
    return value as unknown as WhoAmI;
  }
  throw unreadable(url, "it does not say who is asking");
}

export function asExplanation(value: unknown, url: string): Explanation {
  if (isRecord(value) && typeof value["allowed"] === "boolean" && Array.isArray(value["because"])) {
    return value as unknown as Explanation;
  }
  throw unreadable(url, "it does not say what is allowed");
}

export function asRoleList(value: unknown, url: string): RoleList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as RoleList;
  throw unreadable(url, "it is not a list of roles");
}

export function asBinding(value: unknown, url: string): Binding {
  if (isRecord(value) && typeof value["id"] === "string" && typeof value["role"] === "string") {
    return value as unknown as Binding;
  }
  throw unreadable(url, "it is not a binding");
}

export function asCreatedToken(value: unknown, url: string): CreatedToken {
  if (isRecord(value) && typeof value["id"] === "string" && typeof value["token"] === "string") {
    return value as unknown as CreatedToken;
  }
  throw unreadable(url, "it is not a token");
}

export function asToken(value: unknown, url: string): Token {
  if (isRecord(value) && typeof value["id"] === "string" && typeof value["user"] === "string") {
    return value as unknown as Token;
  }
  throw unreadable(url, "it is not a token");
}

export function asTokenList(value: unknown, url: string): TokenList {
  if (isRecord(value) && Array.isArray(value["items"]) && isNullableText(value["next"])) {
    return value as unknown as TokenList;
  }
  throw unreadable(url, "it is not a list of tokens");
}

export function asSecret(value: unknown, url: string): Secret {
  if (isRecord(value) && typeof value["name"] === "string" && isRecord(value["values"])) {
    return value as unknown as Secret;
  }
  throw unreadable(url, "it is not a secret");
}

export function asSecretList(value: unknown, url: string): SecretList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as SecretList;
  throw unreadable(url, "it is not a list of secrets");
}

export function asRotatedKey(value: unknown, url: string): RotatedKey {
  if (isRecord(value) && typeof value["key"] === "string" && typeof value["rewrapped"] === "number") {
    return value as unknown as RotatedKey;
  }
  throw unreadable(url, "it does not say which key it is");
}

export function asBindingList(value: unknown, url: string): BindingList {
  if (isRecord(value) && Array.isArray(value["items"])) return value as unknown as BindingList;
  throw unreadable(url, "it is not a list of bindings");
}

export function asNetwork(value: unknown, url: string): Network {
  const { name, spec } = isRecord(value) ? value : {};
  if (typeof name === "string" && isRecord(spec)) return value as Network;
  throw unreadable(url, "it is not a network profile");
}

export function asNetworkList(value: unknown, url: string): NetworkList {
  if (isRecord(value) && Array.isArray(value["items"])) {
    for (const item of value["items"]) asNetwork(item, url);
    return value as unknown as NetworkList;
  }
  throw unreadable(url, "it is not a list of network profiles");
}

export function asProposedNetwork(value: unknown, url: string): ProposedNetwork {
  const { spec, notes } = isRecord(value) ? value : {};
  if (isRecord(spec) && Array.isArray(notes)) return value as ProposedNetwork;
  throw unreadable(url, "it is not a proposal");
}

export function asContactList(value: unknown, url: string): ContactList {
  if (isRecord(value) && Array.isArray(value["items"]) && isNullableText(value["next"])) {
    return value as unknown as ContactList;
  }
  throw unreadable(url, "it is not a list of contacts");
}

export function asDelivery(value: unknown, url: string): Delivery {
  const { id, state, attempts } = isRecord(value) ? value : {};
  if (typeof id === "string" && typeof state === "string" && Array.isArray(attempts))
    return value as Delivery;
  throw unreadable(url, "it is not a delivery");
}

export function asDeliveryList(value: unknown, url: string): DeliveryList {
  if (isRecord(value) && Array.isArray(value["items"])) {
    for (const item of value["items"]) asDelivery(item, url);
    return value as unknown as DeliveryList;
  }
  throw unreadable(url, "it is not a list of deliveries");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isNullableText(value: unknown): boolean {
  return value === null || typeof value === "string";
}
