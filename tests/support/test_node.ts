/** `npm run test:node -- 24`: the tests on another version of Node, which npm fetches into .cache. */
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { createProgram, ExpectationError } from "../../common/cli.ts";
import { ProgramError } from "../../common/errors.ts";
import { ROOT } from "../../lab/harness/programs.ts";

const program = createProgram(
  "npm run test:node --",
  "Runs the tests with another version of Node. What follows the version goes to vitest.",
  "npm run test:node -- 24 3_client_server",
)
  .argument("<version>", "20, 22.18, 24.21.0 ...", nodeVersion)
  .argument("[vitest...]")
  .passThroughOptions()
  .allowUnknownOption()
  .parse();
const [version, vitest] = program.processedArgs;

const node = await fetchNode(version);
const { stdout: found } = await execa(node, ["--version"]);
console.log(`Node ${found} in ${dirname(node)}`);

// The packages of this checkout serve every version: their binaries use Node's stable interface, Node-API.
const { exitCode } = await execa(
  node,
  [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", ...vitest],
  {
    cwd: ROOT,
    env: withFirstOnPath(dirname(node)),
    stdio: "inherit",
    reject: false,
  },
);
console.log(`The tests ran on Node ${found}, exit code ${exitCode}`);
process.exitCode = exitCode ?? 1;

/** Fetches the newest Node of that version unless .cache has one, and returns its program. */
async function fetchNode(wanted: string): Promise<string> {
  // The packages that npm's package `node` would fetch by a script of its own.
  const system = process.platform === "win32" ? "win" : process.platform;
  const prefix = system === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${system}-${process.arch}`;
  const folder = join(ROOT, ".cache", "node", wanted);
  const file = join(folder, "node_modules", name, "bin", system === "win" ? "node.exe" : "node");
  if (existsSync(file)) return file;
  console.log(`Fetching ${name}@${wanted} with npm (once, 40 MB)...`);
  const npm = ["install", "--prefix", folder, "--no-save", "--no-package-lock", `${name}@${wanted}`];
  const { exitCode, stderr } = await execa("npm", npm, {
    reject: false,
  });
  if (exitCode !== 0) {
    throw new ProgramError(
      `npm cannot fetch ${name}@${wanted}: ${stderr || "is there such a version, and a network?"}`,
    );
  }
  return file;
}

/** The environment in which `node`, and with it npm and npx, are those in this folder. */
function withFirstOnPath(folder: string): Record<string, string | undefined> {
  // Windows writes it Path.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  // npm tells its scripts which Node runs them; that is no longer true.
  return {
    [name]: `${folder}${delimiter}${process.env[name]}`,
    NODE: undefined,
    npm_node_execpath: undefined,
  };
}

function nodeVersion(text: string): string {
  if (/^\d+(\.\d+){0,2}$/.test(text)) return text;
  throw new ExpectationError("a version of Node such as 24 or 22.18.0");
}
