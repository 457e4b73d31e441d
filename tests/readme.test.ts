/** The READMEs cannot rot: their commands are run, and what they promise to print is what is printed. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, start } from "../lab/harness/programs.ts";
import { playReadme } from "./support/readme.ts";
import { brokenLinks, unknownCommands } from "./support/references.ts";
import { HAS_TERMINAL } from "./support/terminal.ts";

const STAGES = ["0_notebook", "1_monolith_cli", "2_monolith_user_input_loop", "3_client_server"];
const READMES = [
  "README.md",
  "INSTRUCTOR.md",
  "GLOSSARY.md",
  "application/README.md",
  "application/monitoring/README.md",
  "kafka/README.md",
  "4_message_queue/README.md",
  "5_task_queue/README.md",
  ...STAGES.map((stage) => `${stage}/README.md`),
];

describe.each(READMES)("%s", (readme) => {
  test("links to files that exist", () => {
    expect(brokenLinks(readme)).toEqual([]);
  });

  test("names programs, scripts and options that exist, where no test runs the command", async () => {
    expect(await unknownCommands(readme)).toEqual([]);
  });
});

describe.skipIf(!HAS_TERMINAL).each(STAGES.map((stage) => `${stage}/README.md`))("%s", (readme) => {
  test("prints what it promises", async () => {
    // A free port in place of 8000, which may be taken; the output is compared without ports.
    const probe = start("3_client_server/server.ts", ["--port", "0"]);
    const [, url = "", port = ""] = await probe.waitFor(/serves on (http:\S+:(\d+))/);
    await probe.stop();
    expect(await playReadme(readme, { PORT: port, IRIS_URL: url })).toBeGreaterThan(0);
  });
});

test.skipIf(!HAS_TERMINAL)("a README that promises something else is found out", async () => {
  const folder = mkdtempSync(join(tmpdir(), "iris-readme-"));
  const readme = join(folder, "README.md");
  const promise = (line: string) =>
    writeFileSync(
      readme,
      `\`\`\`console\n$ npx tsx 1_monolith_cli/app.ts 6 3 4 1\n${line}\n\`\`\`\n[x](gone.md)\n`,
    );
  promise("Iris type: 1 (versicolor, 96 %)");
  expect(await playReadme(readme, {})).toBe(1);
  promise("Iris type: 1 (versicolor, 97 %)");
  await expect(playReadme(readme, {})).rejects.toThrow("should print\nIris type: 1 (versicolor, 97 %)");
  expect(brokenLinks(readme)).toEqual(["gone.md"]);
  const wrong = [
    "npm run gone",
    "npx tsx gone.ts",
    "npx tsx 3_client_server/server.ts --gone 1",
    "npm start -- --gone",
  ];
  const right = ["npm run check", "npm start -- --help", "npx tsx 3_client_server/server.ts --port 8001"];
  writeFileSync(readme, [...wrong, ...right].map((command) => `\`${command}\``).join(" or "));
  expect(await unknownCommands(readme)).toEqual(wrong);
  rmSync(folder, { recursive: true });
});

test("the README's table names every npm script, and no other", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const named = [...readme.matchAll(/^\| `npm (?:run )?([\w:-]+)/gm)].map(([, name]) => name);
  expect(named.filter((name) => name !== "ci").sort()).toEqual(Object.keys(scripts).sort());
});

const CODE_FILES = execFileSync("git", ["ls-files", "*.ts", "*.mjs", "*.js"], { cwd: ROOT, encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((file) => !file.endsWith(".test.ts") && existsSync(join(ROOT, file)));

test("no file outgrows one idea: none of the code is longer than 165 lines", () => {
  const long = CODE_FILES.filter((file) => linesOf(file).length > 166);
  expect(long).toEqual([]);
});

test("no line is wider than the formatter's 110 columns: it does not break strings and comments", () => {
  const wide = CODE_FILES.flatMap((file) =>
    linesOf(file).flatMap((line, index) => ([...line].length > 110 ? [`${file}:${index + 1}`] : [])),
  );
  expect(wide).toEqual([]);
});

function linesOf(file: string): string[] {
  return readFileSync(join(ROOT, file), "utf8").split("\n");
}
