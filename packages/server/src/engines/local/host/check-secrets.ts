import type { Check } from "@berth/protocol";

/** Whether a mount can be made read-only before it has a place, by `mount_setattr`: since Linux 5.12. */
export function takesSecrets(release: string): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  return major > 5 || (major === 5 && minor >= 12);
}

export function checkSecrets(release: string): Check {
  const name = "secrets";
  if (takesSecrets(release)) return { name, status: "ok", detail: "in memory, for a job alone", fix: null };
  return {
    name,
    status: "missing",
    detail: `jobs with secrets are refused: Linux ${release} cannot give them any`,
    fix: "Run the server on Linux 5.12 or newer",
  };
}
