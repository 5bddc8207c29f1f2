import { accessSync, constants } from "node:fs";
import { type ArchiveFormat, archiveFormats, type Check } from "@berth/protocol";
import type { SourceTransport } from "../../engine.ts";

/** The programs of the host that unpack each format. Debian's packages have the same names. */
const archiveTools: Readonly<Record<ArchiveFormat, readonly string[]>> = {
  tar: ["tar"],
  "tar.gz": ["tar", "gzip"],
  "tar.zst": ["tar", "zstd"],
  zip: ["python3"],
};

/** What fetches code: the relay of the stage that does is written in perl. */
const sourceTools: Readonly<Record<SourceTransport, readonly string[]>> = {
  git: ["git", "perl"],
  "git over ssh": ["git", "perl", "ssh"],
};

function toolsFor(what: ArchiveFormat | SourceTransport): readonly string[] {
  return what === "git" || what === "git over ssh" ? sourceTools[what] : archiveTools[what];
}

/** Where a job's sandbox finds programs of the host that are no one's own: as in the script that unpacks. */
const folders = ["/usr/bin", "/bin"];

/** What this host lacks for it, looked at now: it may have been installed a moment ago. */
export function lackedFor(what: ArchiveFormat | SourceTransport, isThere = isProgram): string[] {
  return toolsFor(what).filter((tool) => !isThere(tool));
}

export function checkArchives(isThere = isProgram): Check {
  const name = "archives";
  const lacked = [...new Set(archiveFormats.flatMap((format) => lackedFor(format, isThere)))];
  if (lacked.length === 0)
    return { name, status: "ok", detail: `unpacks ${archiveFormats.join(", ")}`, fix: null };
  const refused = archiveFormats.filter((format) => lackedFor(format, isThere).length > 0);
  return {
    name,
    status: "warning",
    detail: `${lacked.join(", ")} not found in ${folders.join(" or ")}: archives of ${refused.join(", ")} are refused`,
    fix: `apt-get install ${lacked.join(" ")}`,
  };
}

/** Whether the code of tasks can be fetched. */
export function checkSources(isThere = isProgram): Check {
  const name = "sources";
  const lacked = lackedFor("git over ssh", isThere);
  if (lacked.length === 0) return { name, status: "ok", detail: "git, over HTTP and ssh", fix: null };
  const which = lacked.join(" and ") === "ssh" ? "git over ssh" : "git";
  const packages = lacked.map((tool) => (tool === "ssh" ? "openssh-client" : tool));
  return {
    name,
    status: "warning",
    detail: `${lacked.join(", ")} not found in ${folders.join(" or ")}: tasks whose code is in ${which} are refused`,
    fix: `apt-get install ${packages.join(" ")}`,
  };
}

function isProgram(name: string): boolean {
  return folders.some((folder) => {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
