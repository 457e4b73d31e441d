import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertWritable, writeOutput } from "./output_file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-output-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a check leaves no file behind, and does not touch one that is there", () => {
  assertWritable(join(folder, "new.json"));
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, "old.json"), "old");
  assertWritable(join(folder, "old.json"));
  expect(readFileSync(join(folder, "old.json"), "utf8")).toBe("old");
});

test("what is written replaces what was there", () => {
  const file = join(folder, "model.json");
  writeOutput(file, "first");
  writeOutput(file, "second");
  expect(readFileSync(file, "utf8")).toBe("second");
  expect(readdirSync(folder)).toEqual(["model.json"]);
});

test("a folder that does not exist, and one in the place of the file", () => {
  const gone = join(folder, "gone", "model.json");
  expect(() => assertWritable(gone)).toThrow(`Cannot write ${gone} (ENOENT): choose another --out`);
  expect(() => assertWritable(folder)).toThrow(
    `Cannot write ${folder} (it is not a file): choose another --out`,
  );
});

test("when the file cannot be replaced, nothing is left", () => {
  const file = join(folder, "model.json");
  mkdirSync(file);
  expect(() => writeOutput(file, "text")).toThrow(
    /^Cannot write .*model\.json \(\w+\): choose another --out$/,
  );
  expect(readdirSync(folder)).toEqual(["model.json"]);
});

test.skipIf(process.platform === "win32")("a device is not replaced by a file", () => {
  expect(() => assertWritable("/dev/null")).toThrow("Cannot write /dev/null (it is not a file)");
});
