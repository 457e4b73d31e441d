/** A Python with kafka-python for tests, in .cache/python: made once, when the first test asks for it. */
import { join } from "node:path";
import { execa } from "execa";
import { ROOT } from "../../lab/harness/programs.ts";

const VENV = join(ROOT, ".cache", "python");
const LIBRARY = "kafka-python==3.0.12";

/** The environment's python; undefined where there is no Python 3. */
export async function pythonWithKafka(): Promise<string | undefined> {
  const isPython3 = "import sys; sys.exit(sys.version_info < (3, 8))";
  const found = await execa("python3", ["-c", isPython3], { reject: false });
  if (found.exitCode !== 0) return undefined;
  const python = join(VENV, "bin", "python");
  const hasLibrary = await execa(python, ["-m", "pip", "show", "--quiet", "kafka-python"], { reject: false });
  if (hasLibrary.exitCode === 0) return python;
  await execa("python3", ["-m", "venv", "--clear", VENV]);
  await execa(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", LIBRARY]);
  return python;
}
