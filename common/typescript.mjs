/**
 * What the npm scripts load before their program: it says in one line what is missing, and lets Node run
 * TypeScript. Plain JavaScript: an old Node has to read it, and tsx may not be installed yet.
 */
import { existsSync } from "node:fs";
import * as module from "node:module";
import { fileURLToPath } from "node:url";
import { explainOldNode } from "./node_version.mjs";

const isInstalled = existsSync(new URL("../node_modules/tsx", import.meta.url));
const problem =
  explainOldNode(process.versions.node) ??
  (isInstalled ? undefined : "The packages of this project are not installed yet. Install them: npm ci");
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
// From Node 22.18 on, which the types of Node 20 do not know.
const { typescript } = /** @type {{ typescript?: unknown }} */ (process.features);
const { enableCompileCache } = /** @type {{ enableCompileCache?: (folder: string) => void }} */ (module);
if (typescript) {
  // What was compiled once is kept: stage 1 then starts in little more than half the time.
  enableCompileCache?.(fileURLToPath(new URL("../.cache/compiled", import.meta.url)));
} else {
  await import("tsx");
}
