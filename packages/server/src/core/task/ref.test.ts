import { expect, it } from "vitest";
import { isCommitId, whyNoRef } from "./ref.ts";

const sha1 = "0123456789abcdef0123456789abcdef01234567";

it.each(["main", "v1.2.3", "feature/a-b", "refs/heads/main", "HEAD", "größe", "a@b", sha1])(
  "takes %s for a branch, a tag or a commit",
  (text) => expect(whyNoRef(text)).toBeNull(),
);

it.each([
  "--upload-pack=touch /tmp/x",
  "-",
  "a b",
  "a\nb",
  "a\0b",
  "a:b",
  "+main",
  "main^",
  "main~1",
  "a..b",
  "a@{1}",
  "@",
  "a.lock",
  "a.lock/b",
  "/a",
  "a/",
  "a//b",
  ".a",
  "a/.b",
  "a.",
  "*",
  "a?",
  "a[b",
  "a\\b",
])("takes %j for none of them", (text) => expect(whyNoRef(text)).toContain("must be a branch"));

it.each([
  [sha1, true],
  [sha1 + sha1.slice(0, 24), true],
  [sha1.toUpperCase(), false],
  [sha1.slice(0, 12), false],
  [`${sha1}0`, false],
  [`${sha1}\n`, false],
])("says of %j that it is a whole commit id: %s", (text, is) => expect(isCommitId(text)).toBe(is));
