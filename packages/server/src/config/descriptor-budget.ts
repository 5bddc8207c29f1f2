/** The server's own files: the database, logs, locks, listeners, and some room. */
const ownFiles = 128;
/** Of a running job: its pipes, its control group's files, and what is open while it starts and ends. */
const filesOfJob = 8;
/** Each connection takes one. */
const partOfConnections = 0.4;
/** Each stream may be of another job, and hold its two outputs and their index. */
const filesOfStream = 3;
const partOfStreams = 0.4;

/** What may be open at once so that no descriptor is missing where the server itself needs one. */
export function descriptorBudget({ descriptors, maxJobs }: { descriptors: number; maxJobs: number }): {
  connections: number;
  streams: number;
} {
  const left = Math.max(descriptors - ownFiles - filesOfJob * maxJobs, 0);
  return {
    connections: Math.max(Math.floor(left * partOfConnections), 16),
    streams: Math.max(Math.floor((left * partOfStreams) / filesOfStream), 8),
  };
}
