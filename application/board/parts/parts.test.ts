/** What all views share: how things are written, and colours that everybody tells apart. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import { measurementsSchema } from "../../../common/iris.ts";
import { figureCommands } from "../../gateway/figures/figure_commands.ts";
import { parseHash } from "./address.js";
import { randomFlowers } from "./flowers.js";
import { duration, listed, plural, rate, shortId, shortName, shown } from "./format.js";
import { sourceOf } from "./sources.js";
import { COLOURS, ON_COLOUR } from "./species.js";

const PAGE_CSS = readFileSync(new URL("../css/page.css", import.meta.url), "utf8");

test("numbers and times are written so that they keep their width while they change", () => {
  expect([0, 640, 9949, 9951, 42_400, 185_000, 7_440_000, 260_000_000].map(duration)).toEqual([
    "0.0 s",
    "0.6 s",
    "9.9 s",
    "10 s",
    "42 s",
    "3 min 5 s",
    "2 h 4 min",
    "3 days",
  ]);
  expect([0, 2.94, 99.94, 1234].map(rate)).toEqual(["0.0", "2.9", "99.9", "1,234"]);
  expect([plural(1, "task"), plural(1204, "task")]).toEqual(["1 task", "1,204 tasks"]);
  expect([[3], [1, 4, 7], [1, 2, 3, 4, 5, 6, 7]].map(listed)).toEqual([
    "partition 3",
    "partitions 1, 4, 7",
    "7 partitions",
  ]);
});

test("a task is named by the first four characters of its id, as in the terminals; else by its place", () => {
  expect(shortId("7f3a1c2e-0000-4000-8000-000000000000")).toBe("7f3a");
  expect(shortId("3@17")).toBe("3@17");
});

test("a long name loses its middle: hosts begin alike, and process ids stand at the end", () => {
  expect(shortName("worker-2")).toBe("worker-2");
  expect(shortName("classroom-pc-17-4711")).toBe("classro…7-4711");
});

test("a name from outside cannot change how the rest of the page reads", () => {
  expect(shown("worker\u202e1\n")).toBe("worker\\u202e1\\u000a");
});

test("an address names a view and its subject; one that was typed by hand is taken as it stands", () => {
  expect(parseHash("#flower/3%4017")).toEqual({ view: "flower", subject: "3@17" });
  expect(parseHash("#flower/100%")).toEqual({ view: "flower", subject: "100%" });
  expect([parseHash(""), parseHash("#dead-letters")]).toEqual([
    { view: "", subject: "" },
    { view: "dead-letters", subject: "" },
  ]);
});

test("random flowers are of all three species, and every gateway accepts them", () => {
  const flowers = randomFlowers(600);
  for (const flower of flowers) expect(v.is(measurementsSchema, flower)).toBe(true);
  // Also where one worker gets every third.
  for (const worker of [0, 1, 2]) {
    const setosas = flowers.filter((flower, index) => index % 3 === worker && flower.petal_length < 2.5);
    expect(setosas.length).toBeGreaterThan(20);
    expect(setosas.length).toBeLessThan(150);
  }
});

test("a figure tells where it comes from, with this gateway's address in the command", () => {
  expect(sourceOf("waiting", "http://localhost:8081")?.command).toBe("curl -s http://localhost:8081/queue");
  expect([sourceOf("nothing", ""), sourceOf("toString", "")]).toEqual([undefined, undefined]);
});

test("the gateway tells the same commands as the board", () => {
  const origin = "http://localhost:8081";
  for (const [name, command] of Object.entries(figureCommands(origin)))
    expect([name, sourceOf(name, origin)?.command]).toEqual([name, command]);
});

/** Red, green and blue as light, 0 to 1. */
type Light = readonly [number, number, number];
const toLight = (hex: string): Light => {
  const part = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
};
const luminance = ([r, g, b]: Light) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a: string, b: string) => {
  const [low = 0, high = 0] = [luminance(toLight(a)), luminance(toLight(b))].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

/** How people see who lack a kind of cone (Machado and others, 2009, of full severity). */
const EYES: Record<string, readonly Light[]> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "no red": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "no green": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};
function toLab(light: Light, eye: readonly Light[]): Light {
  const seen = eye.map((row) => Math.max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2]));
  const [r = 0, g = 0, b = 0] = seen;
  const bend = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = bend((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = bend(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = bend((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const css = (name: string, from = 0) =>
  new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(PAGE_CSS.slice(from))?.[1] ?? "";
const DARK = PAGE_CSS.indexOf("prefers-color-scheme: dark");

test.each(Object.keys(EYES))("the species and trouble are told apart by eyes with %s", (name) => {
  for (const trouble of [css("trouble"), css("trouble", DARK)]) {
    const labs = [...Object.values(COLOURS), trouble].map((hex) => toLab(toLight(hex), EYES[name] ?? []));
    for (const [index, a] of labs.entries()) {
      for (const b of labs.slice(index + 1))
        expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])).toBeGreaterThan(20);
    }
  }
});

test("blocks stand out from the paper, text from what it is written on, in both themes", () => {
  for (const from of [0, DARK]) {
    const paper = css("paper", from);
    for (const [name, colour] of Object.entries(COLOURS)) {
      expect(css(name)).toBe(colour);
      expect(contrast(colour, paper)).toBeGreaterThan(3);
      expect(contrast(colour, ON_COLOUR[name as keyof typeof ON_COLOUR])).toBeGreaterThan(4.5);
    }
    for (const name of ["ink", "soft", "trouble"])
      expect(contrast(css(name, from), paper)).toBeGreaterThan(4.5);
    expect(contrast(css("mid", from), paper)).toBeGreaterThan(3);
  }
});
