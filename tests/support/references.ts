/** What a page refers to must exist: files, and the programs and options of commands that no test runs. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ROOT, run } from "../../lab/harness/programs.ts";

/** The commands on a page that name a program, an npm script or an option that does not exist. */
export async function unknownCommands(readme: string): Promise<string[]> {
  const text = readFileSync(resolve(ROOT, readme), "utf8");
  const code = [...text.matchAll(/^\$ (.*)$/gm), ...text.matchAll(/`([^`\n]+)`/g)];
  const commands = new Set(code.flatMap(([, line = ""]) => line.split(/ (?:\||&&|2?>) /)));
  const known = await Promise.all([...commands].map(isKnown));
  return [...commands].filter((_command, index) => !known[index]);
}

async function isKnown(command: string): Promise<boolean> {
  const [, program, args = ""] = /^(?:npx tsx|node) (\S+\.ts)(.*)$/.exec(command) ?? [];
  if (program !== undefined) return existsSync(resolve(ROOT, program)) && takes(program, args);
  const [, script, scriptArgs = ""] = /^npm (?:run )?([\w:-]+)(?: -- (.*))?$/.exec(command) ?? [];
  if (script === undefined || !(command.startsWith("npm run") || script === "start")) return true;
  const { scripts } = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8"));
  if (!(script in scripts)) return false;
  const [ownProgram] = /\S+\.ts\b/.exec(scripts[script]) ?? [];
  return ownProgram === undefined || takes(ownProgram, scriptArgs);
}

const helps = new Map<string, Promise<{ stdout: string }>>();

async function takes(program: string, args: string): Promise<boolean> {
  const options = args.match(/(?<!\S)--[a-z][\w-]*/g) ?? [];
  if (options.length === 0) return true;
  const help = helps.get(program) ?? run(program, ["--help"]);
  helps.set(program, help);
  const { stdout } = await help;
  return options.every((option) => new RegExp(`${option}(?![\\w-])`).test(stdout));
}

/** The files that a README links to within the repository and that do not exist. */
export function brokenLinks(readme: string): string[] {
  const text = readFileSync(resolve(ROOT, readme), "utf8");
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !existsSync(resolve(ROOT, readme, "..", target)));
}
