/** Programs of tests/java, on Kafka's own jars: Java runs a file of source code as it is. */
import { join } from "node:path";
import { execa } from "execa";
import { ensureJars } from "../../kafka/jars.ts";
import { findJava } from "../../kafka/java.ts";
import { ROOT } from "../../lab/harness/programs.ts";

/** Starts one, and resolves when it has printed its first line. End it with kill(). */
export async function startJava(file: string, args: string[]): Promise<{ kill(): Promise<void> }> {
  const jars = join(await ensureJars(), "*");
  const program = execa(await findJava(), ["-cp", jars, join(ROOT, "tests", "java", file), ...args], {
    reject: false,
  });
  await new Promise<void>((resolve, reject) => {
    program.stdout.once("data", () => resolve());
    void program.then(({ stderr }) => reject(new Error(`${file} ended: ${stderr}`)));
  });
  return {
    async kill() {
      program.kill("SIGKILL");
      await program;
    },
  };
}
