/**
 * Test files that take more than some seconds on two cores, and how many about. They begin first; a number that has
 * grown old costs idle cores at the end of a run, and nothing else.
 */
export const slowFiles: Readonly<Record<string, number>> = {
  "e2e/engine-local-v2.test.ts": 600,
  "e2e/host-restart.test.ts": 200,
};

export function secondsOf(path: string): number {
  const known = Object.entries(slowFiles).find(([file]) => path.endsWith(`/${file}`));
  return known?.[1] ?? 0;
}
