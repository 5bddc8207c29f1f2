import { expect, it } from "vitest";
import { readSourceUrl } from "./source-url.ts";

it.each([
  ["https://Git.Example.org/a/b.git", "http", "git.example.org", 443, "https://git.example.org/a/b.git"],
  ["https://git.example.org:443/a", "http", "git.example.org", 443, "https://git.example.org/a"],
  ["http://0x7f.1:3000/a", "http", "127.0.0.1", 3000, "http://127.0.0.1:3000/a"],
  ["https://[::FFFF:127.0.0.1]/a", "http", "::ffff:7f00:1", 443, "https://[::ffff:7f00:1]/a"],
  ["ssh://git@host.example/a/b", "ssh", "host.example", 22, "ssh://git@host.example:22/a/b"],
  ["ssh://2130706433/a", "ssh", "127.0.0.1", 22, "ssh://127.0.0.1:22/a"],
  ["ssh://git@[fe80::1]:2222/~me/a", "ssh", "fe80::1", 2222, "ssh://git@[fe80::1]:2222/~me/a"],
  ["git@host.example:a/b.git", "ssh", "host.example", 22, "git@host.example:a/b.git"],
  ["git@HOST:/a", "ssh", "host", 22, "git@host:/a"],
])("reads %s", (text, transport, host, port, key) => {
  expect(readSourceUrl(text)).toEqual({ transport, host, port, text: key, key });
});

it.each([
  ["ext::sh -c touch% /tmp/x", "spaces"],
  ["ext::sh", "must be like"],
  ["fd::17", "must be like"],
  ["file:///etc", "must be like"],
  ["/srv/git/a", "must be like"],
  ["../a", "must be like"],
  ["git://host/a", "must be like"],
  ["ftp://host/a", "must be like"],
  ["--upload-pack=touch", "must be like"],
  ["https://user:word@host/a", "no user and no password"],
  ["https://user@host/a", "no user and no password"],
  ["ssh://git:word@host/a", "no password"],
  ["https://host/a?b", "no ? and no #"],
  ["https://host/a#b", "no ? and no #"],
  ["ssh://host/a?b", "no ? and no #"],
  ["https://host/", "name a repository"],
  ["ssh://host/", "name a repository"],
  ["ssh://host", "name a repository"],
  ["ssh://host/a%00b", "name a repository"],
  ["ssh://host/a%0ab", "name a repository"],
  ["ssh://-oProxyCommand=touch/a", "name a host"],
  ["ssh://-oProxyCommand%3Dtouch/a", "name a host"],
  ["ssh://-x@host/a", "name a user"],
  ["git@-oProxyCommand=touch:a", "name a host"],
  ["-oProxyCommand=touch@host:a", "name a user"],
  ["git@host:--upload-pack=touch", "does not begin with -"],
  ["https://host/a\nb", "control characters"],
  ["https://host/a b", "spaces"],
  ["https:// host/a", "spaces"],
])("refuses %j", (text, why) => {
  expect(readSourceUrl(text)).toEqual({ problem: expect.stringContaining(why) as string });
});
