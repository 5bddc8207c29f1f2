import { describe, expect, it } from "vitest";
import {
  durationProblem,
  formatDuration,
  formatSize,
  parseCpu,
  parseDuration,
  parseRate,
  parseSize,
  rateProblem,
  sizeProblem,
} from "./units.ts";

describe("units as people write them", () => {
  it.each([
    ["512Mi", 536_870_912],
    ["10MiB", 10_485_760],
    ["1.5G", 1_500_000_000],
    ["4096", 4096],
    ["0", 0],
    ["1 KiB", 1024],
    ["1.25Gi", 1_342_177_280],
    ["0.125K", 125],
    ["7Ti", 7 * 2 ** 40],
    ["2T", 2e12],
    ["3Pi", 3 * 2 ** 50],
    ["4P", 4e15],
    ["0.001E", 1e15],
    ["0.001Ei", 1_152_921_504_606_847],
    ["5M", 5e6],
    ["6Ki", 6144],
    ["512Mi ", null],
    [" 512Mi", null],
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
    ["10d12h15m30.25s5ms", 908_130_255],
    ["3650d", 315_360_000_000],
    ["3650d1ms", null],
    ["1.5m", null],
    ["1s ", null],
    ["", null],
    ["90", null],
    ["-5s", null],
    ["1m1h", null],
  ])("reads the duration %j as %j ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ["100000d", "must be at most 3650d, which is ten years"],
    ["1.5m", "must be written like 90s"],
    ["", "must be written like 90s"],
  ])("says of the duration %j that it %s", (text, problem) =>
    expect(durationProblem(text, "90s")).toBe(problem),
  );

  it.each([
    ["99999999E", "must be less than 8Pi"],
    ["10mb", "must be written like 512Mi"],
  ])("says of the size %j that it %s", (text, problem) => expect(sizeProblem(text, "512Mi")).toBe(problem));

  it.each([
    ["1.5", 1.5],
    ["500m", 0.5],
    ["10%", 0.1],
    ["0.125", 0.125],
    ["12.55%", 0.1255],
    ["1.5 ", null],
    ["1.5x", null],
    ["m", null],
    ["0", null],
    ["-1", null],
    ["two", null],
  ])("reads the cpu %j as %j cores", (text, cores) => expect(parseCpu(text)).toBe(cores));

  it.each([
    ["10MiB/s", 10_485_760],
    ["10MiB", null],
  ])("reads the rate %j as %j bytes a second", (text, rate) => expect(parseRate(text)).toBe(rate));

  it.each([
    ["10MiB", "must be written like 1MiB/s"],
    ["fast/s", "must be written like 1MiB/s"],
    ["9.5Ei/s", "must be less than 8Pi"],
  ])("says what is wrong with the rate %j: %s", (text, problem) => {
    expect(rateProblem(text, "1MiB/s")).toBe(problem);
  });

  it.each([
    [536_870_912, "512 MiB"],
    [1536, "1.5 KiB"],
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [2 ** 20 - 1, "1.0 MiB"],
    [2 ** 20, "1 MiB"],
    [3 * 2 ** 30, "3 GiB"],
    [4.25 * 2 ** 40, "4.3 TiB"],
    [5 * 2 ** 50, "5 PiB"],
    [2 ** 60, "1024 PiB"],
  ])("writes %j bytes as %j", (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it.each([
    [20, "20ms"],
    [999.4, "999ms"],
    [999.5, "1s"],
    [1000, "1s"],
    [1500, "1.5s"],
    [59_949, "59.9s"],
    [59_950, "1m"],
    [60_000, "1m"],
    [93_784_000, "1d2h3m4s"],
    [90_500, "1m31s"],
    [3_600_000, "1h"],
    [86_400_000, "1d"],
  ])("writes %j ms as %j", (ms, text) => expect(formatDuration(ms)).toBe(text));
});
