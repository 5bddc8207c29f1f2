import type {
  Job,
  JobEvent,
  JobFilter,
  JobRequest,
  OutputChunk,
  OutputOptions,
  SignalOptions,
} from "@berth/sdk";

/** What the verbs need of a server, whichever wire leads to it: the SDK's client has it, and so has the one for gRPC. */
export interface Remote {
  jobs: RemoteJobs;
}

export interface RemoteJobs {
  submit(request: JobRequest, options?: SignalOptions): Promise<RemoteJob>;
  list(filter: JobFilter): AsyncIterable<Job>;
  get(id: string): Promise<Job>;
  handle(id: string): RemoteJob;
}

/** One job, by its id. */
export interface RemoteJob {
  readonly id: string;
  get(): Promise<Job>;
  /** Resumes by itself after a cut connection. */
  output(options?: OutputOptions): AsyncIterable<OutputChunk>;
  raw(options?: OutputOptions): AsyncIterable<Uint8Array>;
  /** Every state that it enters, from the first to the terminal one. */
  events(options?: SignalOptions): AsyncIterable<JobEvent>;
  extend(options: SignalOptions & { by: string }): Promise<Job>;
  /** Over gRPC it resolves when the job has ended, over REST when the stop was accepted. */
  stop(options?: SignalOptions & { grace?: string | undefined }): Promise<Job>;
  /** The job at its end, however that was. */
  done(options: SignalOptions & { mayFail: true }): Promise<Job>;
}
