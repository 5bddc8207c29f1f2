const VERSION = "local/1/";
const ID = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/;

/** The handle of a job: versioned, and made from the id alone. */
export function handleFor(id: string): string {
  if (!ID.test(id)) throw new Error(`Cannot make a handle for job "${id}": not an id`);
  return VERSION + id;
}

/** The id in a handle. Throws on handles of another engine or version: nothing foreign is ever touched. */
export function idOf(handle: string): string {
  const id = handle.startsWith(VERSION) ? handle.slice(VERSION.length) : "";
  if (!ID.test(id)) throw new Error(`Cannot use handle "${handle}": not one of the local engine`);
  return id;
}

/** Whether a folder of this name can be a job's. */
export function isJobId(name: string): boolean {
  return ID.test(name);
}
