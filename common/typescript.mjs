/**
 * What the npm scripts load before their program: it says in one line what is missing, and lets Node run TypeScript.
 * Plain JavaScript: an old Node has to read it, and tsx may not be installed yet.
 */
import { existsSync } from "node:fs";
import { explainOldNode } from "./node_version.mjs";

const isInstalled = existsSync(new URL("../node_modules/tsx", import.meta.url));
const problem =
  explainOldNode(process.versions.node) ??
  (isInstalled ? undefined : "The packages of this project are not installed yet. Install them: npm ci");
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
// Node 22.18 and newer run TypeScript by themselves, and start faster without tsx.
if (!("typescript" in process.features && process.features.typescript)) await import("tsx");
