/** The gateway's own kinds of options. */
import { basename } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../lab/harness/programs.ts";
import { dataFolder, keepTime } from "./gateway_options.ts";

test.each([
  ["2s", 2000],
  ["30m", 1_800_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
])("--keep %s", (text, milliseconds) => {
  expect(keepTime(text)).toBe(milliseconds);
});

test.each(["", "24", "h", "0s", "-1h", "1.5h", "24H", "1h30m", " 1h", "1w", "1234567d"])(
  "--keep %j is none",
  (text) => {
    expect(() => keepTime(text)).toThrow("a time such as 30m, 24h or 7d");
  },
);

test("the help shows the default of --keep as it would be written", async () => {
  const { stdout } = await run("application/gateway/program.ts", ["--help"]);
  expect(stdout).toMatch(/--keep <time> .*\(default:\s+24h\)/s);
});

test("each port has its folder, and each process that takes a free port", () => {
  expect(basename(dataFolder(8080))).toBe("8080");
  expect(basename(dataFolder(0))).toBe(`process-${process.pid}`);
});
