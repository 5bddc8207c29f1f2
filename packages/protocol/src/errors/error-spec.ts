/** What every error code means on each wire, whether a retry can help, and how to mend it. */
export interface ErrorSpec {
  /** HTTP status. */
  status: number;
  /** gRPC status code (google.rpc.Code). */
  grpc: number;
  /** True when the same request may succeed later, unchanged. */
  retryable: boolean;
  /** One sentence in the imperative: how to mend it. */
  fix: string;
}
