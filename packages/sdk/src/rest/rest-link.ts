import { errorOf } from "../transport/translate-error.ts";
import { Http, type HttpOptions } from "../transport/http.ts";
import type { ServerLink } from "../resources/job/job-wire.ts";
import { RestJobs } from "./rest-jobs.ts";

/** A server over REST. */
export function restLink(options: HttpOptions): ServerLink {
  const http = new Http(options);
  return {
    jobs: new RestJobs(http),
    rest: http,
    async isReady(signal) {
      const route = { method: "GET", path: "/readyz" } as const;
      const status = await http.status({ route, signal });
      if (status === 200 || status >= 500) return status === 200;
      throw errorOf(http.url, { status, body: null });
    },
  };
}
