import { expect, it } from "vitest";
import { findQuotaDisk } from "./find-quota-disk.ts";

const line = (at: string, rest: string): string => `36 35 98:0 / ${at} rw,relatime shared:1 - ${rest}`;
const root = line("/", "ext4 /dev/null rw");

it.each([
  ["ext4 with project quotas", line("/tmp", "ext4 /dev/null rw,prjquota"), "/dev/null"],
  ["XFS with project quotas", line("/tmp", "xfs /dev/null rw,attr2,prjquota"), "/dev/null"],
  ["ext4 without", line("/tmp", "ext4 /dev/null rw"), null],
  ["quotas of users only", line("/tmp", "ext4 /dev/null rw,usrquota"), null],
  ["another file system", line("/tmp", "tmpfs tmpfs rw,prjquota"), null],
  ["a disk elsewhere", line("/tmpx", "ext4 /dev/null rw,prjquota"), null],
  [
    "one with quotas below one without",
    `${line("/tmp", "ext4 /dev/null rw,prjquota")}\n${line("/tmp", "ext4 /dev/zero rw")}`,
    null,
  ],
])("%s is told by the mounts", (_name, mount, disk) => {
  expect(findQuotaDisk("/tmp", `${root}\n${mount}\n`)).toBe(disk);
});
