/** A crash of a student's program: read from what crash_reporter.ts wrote, and told in one line. */
import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { sep } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";

const crashSchema = v.object({ name: v.string(), message: v.string(), stack: v.string() });
type Crash = v.InferOutput<typeof crashSchema>;

/** Reads the report of a program that has ended, and deletes it. Undefined when there was no crash. */
export function takeCrash(file: string): Crash | undefined {
  if (!existsSync(file)) return undefined;
  const crash = v.parse(crashSchema, JSON.parse(readFileSync(file, "utf8")));
  rmSync(file);
  return crash;
}

/**
 * `1_monolith_cli/app.ts:22: TypeError: ...`: the first place in the project's own files, and the error's
 * first line.
 */
export function describeCrash({ name, message, stack }: Crash, root: string): string {
  const text = withoutRoot(`${message}\n${stack}`, root);
  const lines = withoutRoot(message, root).split("\n");
  // The compiler's message names the place itself: 1_monolith_cli/app.ts:5:6: ERROR: Expected identifier.
  const compilers = lines.find((line) => /^\S+:\d+:\d+: /.test(line));
  if (compilers !== undefined) return compilers.replace(/^(\S+:\d+):\d+/, "$1");
  const [, place] = /\((?!node:|node_modules)([^()\s:]+\.ts:\d+):\d+\)/.exec(text) ?? [];
  const reason = `${name}: ${lines[0]}`;
  return place === undefined ? reason : `${place}: ${reason}`;
}

/** Paths within the project become relative. A stack has the real path, where `root` may lead over a link. */
function withoutRoot(text: string, root: string): string {
  const real = realpathSync(root);
  const prefixes = [real, root].flatMap((folder) => [`${pathToFileURL(folder)}/`, folder + sep]);
  return prefixes.reduce((rest, prefix) => rest.replaceAll(prefix, ""), text).replaceAll("\\", "/");
}
