/** Where an operation is found over REST. Without the schemas, so that a client starts without loading them. */
export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `{id}` stands for a job's id, `{serial}` for a certificate's number, `{sha256}` for an upload's name, `{binding}` and `{token}` for the id of one, `{name}` for what people name, `*` for the rest of the path. */
  path: string;
}

/** The method and path of every operation: the one place that names them. */
export const routes = {
  submitJob: { method: "POST", path: "/api/v1/jobs" },
  checkJob: { method: "POST", path: "/api/v1/jobs/check" },
  listJobs: { method: "GET", path: "/api/v1/jobs" },
  getJob: { method: "GET", path: "/api/v1/jobs/{id}" },
  stopJob: { method: "POST", path: "/api/v1/jobs/{id}/stop" },
  extendJob: { method: "POST", path: "/api/v1/jobs/{id}/extend" },
  deleteJob: { method: "DELETE", path: "/api/v1/jobs/{id}" },
  readOutput: { method: "GET", path: "/api/v1/jobs/{id}/output" },
  watchJob: { method: "GET", path: "/api/v1/jobs/{id}/events" },
  listArtifacts: { method: "GET", path: "/api/v1/jobs/{id}/artifacts" },
  readArtifact: { method: "GET", path: "/api/v1/jobs/{id}/artifacts/*" },
  listContacts: { method: "GET", path: "/api/v1/jobs/{id}/contacts" },
  readResult: { method: "GET", path: "/api/v1/jobs/{id}/result" },
  createUpload: { method: "POST", path: "/api/v1/uploads" },
  listUploads: { method: "GET", path: "/api/v1/uploads" },
  getUpload: { method: "GET", path: "/api/v1/uploads/{sha256}" },
  appendUpload: { method: "PATCH", path: "/api/v1/uploads/{sha256}" },
  deleteUpload: { method: "DELETE", path: "/api/v1/uploads/{sha256}" },
  issueCertificate: { method: "POST", path: "/api/v1/certificates" },
  listCertificates: { method: "GET", path: "/api/v1/certificates" },
  renewCertificate: { method: "POST", path: "/api/v1/certificates/renew" },
  listLocks: { method: "GET", path: "/api/v1/certificates/locks" },
  lockPrincipal: { method: "POST", path: "/api/v1/certificates/lock" },
  revokeCertificate: { method: "POST", path: "/api/v1/certificates/{serial}/revoke" },
  listNetworks: { method: "GET", path: "/api/v1/networks" },
  createNetwork: { method: "POST", path: "/api/v1/networks" },
  proposeNetwork: { method: "POST", path: "/api/v1/networks/propose" },
  getNetwork: { method: "GET", path: "/api/v1/networks/{name}" },
  updateNetwork: { method: "PUT", path: "/api/v1/networks/{name}" },
  deleteNetwork: { method: "DELETE", path: "/api/v1/networks/{name}" },
  inspectServer: { method: "GET", path: "/api/v1/server" },
  listEngines: { method: "GET", path: "/api/v1/engines" },
  whoAmI: { method: "GET", path: "/api/v1/whoami" },
  explainAccess: { method: "GET", path: "/api/v1/access/explain" },
  listRoles: { method: "GET", path: "/api/v1/roles" },
  listBindings: { method: "GET", path: "/api/v1/bindings" },
  createBinding: { method: "POST", path: "/api/v1/bindings" },
  createToken: { method: "POST", path: "/api/v1/tokens" },
  listTokens: { method: "GET", path: "/api/v1/tokens" },
  deleteToken: { method: "DELETE", path: "/api/v1/tokens/{token}" },
  deleteBinding: { method: "DELETE", path: "/api/v1/bindings/{binding}" },
} as const satisfies Record<string, Route>;
