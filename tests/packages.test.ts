/** What npm installs, and for whom: after `npm ci --omit=dev` every command works but the developers' own. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa, type Options } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTemporaryBroker } from "../kafka/temporary.ts";
import { APP_OPENS } from "../lab/harness/lines.ts";
import { ROOT, start } from "../lab/harness/programs.ts";
import packageJson from "../package.json" with { type: "json" };

/** Scripts that are for those who change the project, and need the development dependencies. */
const DEVELOPMENT = ["check", "format", "test", "test:node"];

const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
  cwd: ROOT,
})
  .toString()
  .split("\0")
  .filter((file) => file !== "" && existsSync(join(ROOT, file)));

test("programs import dependencies, and no development dependency", () => {
  const programs = FILES.filter(
    (file) => /\.(ts|mjs|ipynb)$/.test(file) && !/^tests\/|\.test\.ts$|^vitest\.config/.test(file),
  );
  const known = Object.keys(packageJson.dependencies);
  const missing = programs.flatMap((file) =>
    importedPackages(readFileSync(join(ROOT, file), "utf8"))
      .filter((name) => !known.includes(name))
      .map((name) => `${file} imports ${name}`),
  );
  expect(programs.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});

function importedPackages(source: string): string[] {
  // In a notebook the quotes are escaped. What only gives types is not needed when a program runs.
  const imports = source
    .replaceAll('\\"', '"')
    .matchAll(
      /^\s*"?(?:import|export) (?!type )(?:[^"]*? from )?"([^".][^"]*)"|(?:import|require)\("([^".][^"]*)"\)/gm,
    );
  return [...imports].flatMap(([, statement, call]) => packageOf(statement ?? call ?? ""));
}

/** "@a/b/c" is of the package "@a/b". */
function packageOf(specifier: string): string[] {
  if (isBuiltin(specifier)) return [];
  return [specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")];
}

test("the packages that run a script when they are installed are known: none of them has to compile", () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const withScript = Object.keys(packages)
    .filter((path) => packages[path].hasInstallScript && packages[path].os === undefined)
    .map((path) => path.replace(/^.*node_modules\//, ""));
  expect(Object.keys(packageJson.allowScripts)).toEqual(expect.arrayContaining(withScript));
});

describe("after an install without development dependencies", () => {
  let root: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "iris-install-"));
    for (const file of FILES) cpSync(join(ROOT, file), join(root, file));
    await execa("npm", ["ci", "--prefer-offline"], production());
    expect(existsSync(join(root, "node_modules", "vitest"))).toBe(false);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  function production() {
    return {
      cwd: root,
      env: { NODE_ENV: "production", NO_COLOR: "1", FORCE_COLOR: undefined },
      stdin: "ignore",
    } satisfies Options;
  }

  // tsx watch never ends; that tsx is there, the next test shows.
  const scripts = Object.keys(packageJson.scripts).filter(
    (name) => ![...DEVELOPMENT, "server:watch"].includes(name),
  );
  test.each(scripts)("npm run %s -- --help", async (name) => {
    const { stdout, stderr } = await execa("npm", ["run", "--silent", name, "--", "--help"], production());
    expect(stdout).toMatch(/^Usage: /);
    expect(stderr).toBe("");
  });

  test("npx tsx 1_monolith_cli/app.ts", async () => {
    const { stdout } = await execa("npx", ["tsx", "1_monolith_cli/app.ts", "6", "3", "4", "1"], production());
    expect(stdout).toBe("Iris type: 1 (versicolor, 96 %)");
  });

  test("npm run app: a task goes through all its programs", async () => {
    const { broker, close } = await startTemporaryBroker();
    const app = start(
      join(root, "application/app.ts"),
      ["--port", "0", "--data", join(root, "data"), "--workers", "1"],
      {
        command: [process.execPath, "--import", pathToFileURL(join(root, "common/typescript.mjs")).href],
        env: { NODE_ENV: "production", KAFKA_BROKERS: broker.brokers },
      },
    );
    const [, url] = await app.waitFor(APP_OPENS);
    const answer = await fetch(`${url}/tasks`, {
      method: "POST",
      headers: { "content-type": "application/json", prefer: "wait=30" },
      body: JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 }),
    });
    expect(await answer.json()).toMatchObject({ status: "SUCCESS", species: "versicolor" });
    expect((await fetch(`${url}/`)).status).toBe(200);
    expect(await app.stop()).toMatchObject({ exitCode: 0, stderr: "" });
    await close();
  });

  test("npm run doctor examines", async () => {
    const args = ["run", "--silent", "doctor", "--", "--json"];
    const { stdout, stderr } = await execa("npm", args, { ...production(), reject: false });
    expect(JSON.parse(stdout)).toBeTypeOf("object");
    expect(stderr).toBe("");
  });

  test.each([
    ["train", ["--", "--out", "my_model.json"], /my_model\.json/],
    ["demo:503", [], /503/],
    ["verify", ["1"], /\d of \d: not there yet/],
    ["bench:start", ["--", "--runs", "3"], /stage 1/],
  ])("npm run %s", async (name, args, output) => {
    const { stdout } = await execa("npm", ["run", "--silent", name, ...args], {
      ...production(),
      reject: false,
    });
    expect(stdout).toMatch(output);
  });
});
