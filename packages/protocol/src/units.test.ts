import { describe, expect, it } from "vitest";
import { formatDuration, formatSize, parseCpu, parseDuration, parseRate, parseSize } from "./units.ts";

describe("units as people write them", () => {
  it.each([
    ["512Mi", 536_870_912],
    ["10MiB", 10_485_760],
    ["1.5G", 1_500_000_000],
    ["4096", 4096],
    ["0", 0],
    ["1 KiB", 1024],
    ["", null],
    ["-1", null],
    ["1e9", null],
    ["10mb", null],
    ["99999999E", null],
    ["0x10", null],
  ])("reads the size %j as %j bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["250ms", 250],
    ["1.5s", 1500],
    ["2d", 172_800_000],
    ["", null],
    ["90", null],
    ["-5s", null],
    ["1m1h", null],
  ])("reads the duration %j as %j ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ["1.5", 1.5],
    ["500m", 0.5],
    ["10%", 0.1],
    ["0", null],
    ["-1", null],
    ["two", null],
  ])("reads the cpu %j as %j cores", (text, cores) => expect(parseCpu(text)).toBe(cores));

  it.each([
    ["10MiB/s", 10_485_760],
    ["10MiB", null],
  ])("reads the rate %j as %j bytes a second", (text, rate) => expect(parseRate(text)).toBe(rate));

  it.each([
    [536_870_912, "512 MiB"],
    [1536, "1.5 KiB"],
    [0, "0 B"],
    [1023, "1023 B"],
  ])("writes %j bytes as %j", (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it.each([
    [20, "20ms"],
    [1500, "1.5s"],
    [90_500, "1m31s"],
    [3_600_000, "1h"],
    [86_400_000, "1d"],
  ])("writes %j ms as %j", (ms, text) => expect(formatDuration(ms)).toBe(text));
});
