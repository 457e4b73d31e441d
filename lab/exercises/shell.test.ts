import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../harness/programs.ts";
import { toShell } from "./shell.ts";

const HAS_SHELL = spawnSync("sh", ["-c", "printf ''"]).status === 0;
const APP = "1_monolith_cli/app.ts";

test("files of the project get their short names, and only what needs quotes has them", () => {
  const args = ["--out", join(ROOT, ".cache", "verify", "model.json"), "--species", "two words", "--n", "-1"];
  expect(toShell(ROOT, APP, args)).toBe(
    `npx tsx ${APP} --out .cache/verify/model.json --species 'two words' --n -1`,
  );
});

test.runIf(HAS_SHELL).each(["6,3,4,1\nagain\n", "100 % \\n it's\n", "-1,3\n", "\n"])(
  "a shell gives the program exactly the input %j",
  (input) => {
    const [print = ""] = toShell(ROOT, APP, [], input).split(" | npx tsx ");
    expect(spawnSync("sh", ["-c", print], { encoding: "utf8" }).stdout).toBe(input);
  },
);
