import { isIP } from "node:net";
import { isAbsolute } from "node:path";
import { type DatabaseAddress, DatabaseUrl } from "../core/database-address.ts";
import { principalProblem } from "../core/access/principal-name.ts";
import { readRange } from "../core/network/cidr.ts";
import { unmappedRange } from "../core/network/unmapped.ts";
import { HiddenText } from "../core/secrets/hidden-text.ts";
import { isObjectName, limitUnits, parseCpu, parseDuration, parseSize } from "@berth/protocol";

/** Turns a setting's text into its value; null when the text is not of the form that `wanted` describes. */
export interface Parser<Value> {
  /** Completes "must be ...". */
  wanted: string;
  /** It may hold a password, or be mistaken for what does: a message about it does not show it. Default false. */
  isSecret?: boolean;
  parse(text: string): Value | null;
}

/** Where the server listens. */
export interface HttpAddress {
  host: string;
  /** 0 lets the system choose. */
  port: number;
}

export const duration: Parser<number> = { wanted: limitUnits.duration.wanted, parse: parseDuration };

export const size: Parser<number> = { wanted: limitUnits.size.wanted, parse: parseSize };

export const cores: Parser<number> = { wanted: limitUnits.cores.wanted, parse: parseCpu };

export const absolutePath: Parser<string> = {
  wanted: "an absolute path",
  parse: (text) => (isAbsolute(text) && !text.includes("\0") ? text : null),
};

/** Whoever starts jobs reads this path in lines of words. */
export const dataFolder: Parser<string> = {
  wanted: "an absolute path without blanks or backslashes",
  parse: (text) => (/[\s\\]/.test(text) ? null : absolutePath.parse(text)),
};

/** `sqlite:` is the file in the data folder. */
export const databaseAddress: Parser<DatabaseAddress> = {
  wanted: "sqlite: or postgres://USER:PASSWORD@HOST:PORT/DATABASE",
  isSecret: true,
  parse(text) {
    if (text === "sqlite:") return { kind: "sqlite" };
    const url = DatabaseUrl.parse(text);
    return url === null ? null : { kind: "postgres", url };
  },
};

/** What nobody shall see; what is wrong with it is said by who reads it. */
export const hiddenText: Parser<HiddenText> = {
  wanted: "a text",
  isSecret: true,
  parse: (text) => new HiddenText(text),
};

/** What can run jobs, see `engines/registry.ts`. */
export const engineNames = ["local", "fake"] as const;
export type EngineName = (typeof engineNames)[number];

/** Some of them, comma-separated. */
export const engineList: Parser<readonly EngineName[]> = {
  wanted: `names of engines, comma-separated: ${engineNames.join(", ")}`,
  parse(text) {
    const names = text.split(",").map((name) => engineNames.find((known) => known === name.trim()));
    const known = names.filter((name) => name !== undefined);
    return known.length === names.length ? known : null;
  },
};

export const groupName: Parser<string> = {
  wanted: "1 to 64 letters, digits, _ and -, starting with a letter",
  parse: (text) => (/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(text) ? text : null),
};

/** For the addresses of jobs: wide enough to be of use, and no wider than there can be jobs. */
export const jobRange: Parser<string> = {
  wanted: "a range of IPv4 addresses from /16 to /24, like 10.213.0.0/16",
  parse(text) {
    const prefix = Number(/\/(\d{2})$/.exec(text)?.[1]);
    const read = readRange(text);
    return "range" in read && read.range.version === 4 && prefix >= 16 && prefix <= 24 ? text : null;
  },
};

export const networkProfile: Parser<string> = {
  wanted: "the name of a network profile: 1 to 63 small letters, digits and -",
  parse: (text) => (isObjectName(text) ? text : null),
};

/** `host:port` or `[IPv6]:port`. */
export const httpAddress: Parser<HttpAddress> = {
  wanted: "host:port or [IPv6 address]:port, with a port from 0 to 65535",
  parse(text) {
    const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    return host !== undefined && port <= 65_535 ? { host, port } : null;
  },
};

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Names or addresses of hosts, comma-separated. */
export const hostNames: Parser<readonly string[]> = {
  wanted: "host names or IP addresses, comma-separated",
  parse(text) {
    const names = text.split(",").map((name) => name.trim());
    return names.every((name) => HOST_NAME.test(name) || isIP(name) > 0) ? names : null;
  },
};

/** Of web pages, in the one form that browsers say them in. */
export const origins: Parser<readonly string[]> = {
  wanted: "origins like https://console.example.com, comma-separated",
  parse(text) {
    const all = text.split(",").map((origin) => origin.trim());
    const isOrigin = (origin: string): boolean =>
      /^https?:/.test(origin) && URL.parse(origin)?.origin === origin;
    return all.every(isOrigin) ? all : null;
  },
};

/** Names of groups, comma-separated. Letters of whatever case are one. */
export const groupNames: Parser<readonly string[]> = {
  wanted: "names of groups, comma-separated",
  parse(text) {
    const names = text.split(",").map((name) => name.trim());
    return names.every((name) => principalProblem(name) === null) ? names : null;
  },
};

export const trueOrFalse: Parser<boolean> = {
  wanted: "true or false",
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()] ?? null,
};

/** Addresses or ranges of them, comma-separated. Half of all addresses is no list of proxies. */
export const addressRanges: Parser<readonly string[]> = {
  wanted: "IP addresses or ranges like 10.2.0.0/16, comma-separated, none wider than /8",
  parse(text) {
    const ranges = text.split(",").map((range) => range.trim());
    const isRange = (range: string): boolean => {
      const prefix = /^[^-/]+(?:\/(\d+))?$/.exec(range);
      const read = readRange(range);
      if (prefix === null || !("range" in read)) return false;
      // As many leading bits as the IPv4 addresses have that it spells as IPv6 ones.
      const spelled = unmappedRange(read.range).version === read.range.version ? 0 : 96;
      return Number(prefix[1] ?? 128) - spelled >= 8;
    };
    return ranges.every(isRange) ? ranges : null;
  },
};

/**
 * Of another server. Credentials do not belong into it: what is right is shown in messages. What is not may hold some, and is
 * not shown.
 */
export const webAddress: Parser<string> = {
  wanted: "a URL that begins with https:// or http://, without a user and a password",
  isSecret: true,
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !["https:", "http:"].includes(url.protocol)) return null;
    return url.username === "" && url.password === "" && url.hash === "" ? url.href : null;
  },
};

export interface SyslogAddress extends HttpAddress {
  isEncrypted: boolean;
}

/** Of a server that takes RFC 5424 in a stream. */
export const syslogAddress: Parser<SyslogAddress> = {
  wanted: "tls://host:port or tcp://host:port",
  isSecret: true,
  parse(text) {
    const [, scheme, rest = ""] = /^(tls|tcp):\/\/(.*)$/.exec(text) ?? [];
    const address = httpAddress.parse(rest);
    if (scheme === undefined || address === null || address.port === 0) return null;
    return { ...address, isEncrypted: scheme === "tls" };
  },
};

/** Whether a server speaks TLS, and whose certificate it shows. */
export type TlsSource = { kind: "none" } | { kind: "built-in" } | { kind: "folder"; path: string };

export const tlsSource: Parser<TlsSource> = {
  wanted: `none, built-in, or ${absolutePath.wanted}`,
  parse(text) {
    if (text === "none" || text === "built-in") return { kind: text };
    const path = absolutePath.parse(text);
    return path === null ? null : { kind: "folder", path };
  },
};

export function wholeNumber(from: number, to: number): Parser<number> {
  return {
    wanted: `a whole number from ${from} to ${to}`,
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= from && value <= to ? value : null;
    },
  };
}

/** A part of a whole, as a number above 0 and up to 1. */
export const percentage: Parser<number> = {
  wanted: "a percentage from 1% to 100%",
  parse(text) {
    const value = /^\d{1,3}%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
    return value >= 1 && value <= 100 ? value / 100 : null;
  },
};

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Parser<Word> {
  return {
    wanted: words.length === 2 ? words.join(" or ") : `one of ${words.join(", ")}`,
    parse: (text) => words.find((word) => word === text) ?? null,
  };
}

/** What comes with the server itself unless the operator names another. */
export function orBuiltIn<Value>(parser: Parser<Value>): Parser<{ value: Value | null }> {
  return {
    ...parser,
    wanted: `${parser.wanted}, or built-in`,
    parse(text) {
      if (text === "built-in") return { value: null };
      const value = parser.parse(text);
      return value === null ? null : { value };
    },
  };
}

/** What may be switched off with `none`. */
export function orNone<Value>(parser: Parser<Value>): Parser<{ value: Value | null }> {
  return {
    ...parser,
    wanted: `${parser.wanted}, or none`,
    parse(text) {
      if (text === "none") return { value: null };
      const value = parser.parse(text);
      return value === null ? null : { value };
    },
  };
}
