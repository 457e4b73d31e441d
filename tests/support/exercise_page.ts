/** What a stage's README says of its exercise, for the tests that hold it to that. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/harness/programs.ts";

export interface ExercisePage {
  /** The command that puts the reference solution in place. */
  apply: string;
  /** The other commands to try, without those of verify. */
  commands: string[];
  /** Whether the page shows this output of verify; its line "..." stands for any lines. */
  shows(output: string): boolean;
}

/** Reads the section "Check yourself" of a stage's README. */
export function readExercisePage(folder: string): ExercisePage {
  const readme = readFileSync(join(ROOT, folder, "README.md"), "utf8");
  const [, section = ""] = /^## Check yourself\n(.*?)^## /ms.exec(readme) ?? [];
  const [apply = `no git apply in ${folder}/README.md`] = /git apply \S+\.patch/.exec(section) ?? [];
  const commands = [...section.matchAll(/^\$ (.*)$/gm)].map(([, command = ""]) => command);
  const [, block = ""] = /^\$ npm run verify \d\n(.*?)\n```/ms.exec(section) ?? [];
  return {
    apply,
    commands: commands.filter((command) => !command.startsWith("npm run verify")),
    shows(output) {
      const [first = "", last = ""] = normalize(block).split("\n...\n");
      const printed = normalize(output.trimEnd());
      return block !== "" && printed.startsWith(first) && printed.endsWith(last);
    },
  };
}

/** Numbers and species are drawn by chance. */
function normalize(text: string): string {
  return text.replaceAll(/\d+(\.\d+)?/g, "N").replaceAll(/setosa|versicolor|virginica/g, "SPECIES");
}
