/** Kafka's jars, which Maven fetches once. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { ProgramError } from "../common/errors.ts";
import { OTHER_WAYS } from "./java.ts";

const POM = fileURLToPath(new URL("./pom.xml", import.meta.url));
/** Ignored by git; everything in it can be made again. */
export const CACHE = fileURLToPath(new URL("../.cache/kafka/", import.meta.url));
export const KAFKA_VERSION =
  /<kafka\.version>(.+)<\/kafka\.version>/.exec(readFileSync(POM, "utf8"))?.[1] ?? "";

const INSTALL_MAVEN: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "brew install maven",
  win32: "choco install maven",
};

/**
 * The folder of Kafka's jars. Downloads them if it is not there. Several processes may call this at once.
 * `tell` gets one line if there is something to download. Throws ProgramError when that fails.
 */
export async function ensureJars(
  tell: (line: string) => void = () => {},
  folder = join(CACHE, `jars-${KAFKA_VERSION}`),
): Promise<string> {
  if (existsSync(folder)) return folder;
  // A download that breaks off must not look like a finished one, so the folder gets its name at the end.
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  const plugin = "org.apache.maven.plugins:maven-dependency-plugin";
  const goal = [`${plugin}:copy-dependencies`, "-DincludeScope=runtime", `-DoutputDirectory=${partial}`];
  const maven = execa("mvn", ["--batch-mode", "--quiet", "--file", POM, ...goal], {
    reject: false,
    all: true,
    stdin: "ignore",
  });
  maven.once("spawn", () => tell(`Downloading Apache Kafka ${KAFKA_VERSION} (46 jars, 44 MB, once)`));
  const result = await maven;
  if (result.failed) {
    await rm(partial, { recursive: true, force: true });
    throw result.code === "ENOENT" ? mavenMissing(result) : downloadFailed(result.all ?? "", result);
  }
  await rename(partial, folder).catch(async (error) => {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    await rm(partial, { recursive: true });
  });
  return folder;
}

function mavenMissing(cause: unknown): ProgramError {
  return new ProgramError(
    "Apache Maven, which fetches Kafka's jars, was not found (mvn). " +
      `Install it (https://maven.apache.org), ${OTHER_WAYS}`,
    { cause, kind: "maven_missing", fix: INSTALL_MAVEN[process.platform] ?? "sudo apt install maven" },
  );
}

function downloadFailed(output: string, cause: unknown): ProgramError {
  const reason = /\[ERROR\] (.+)/.exec(stripVTControlCharacters(output))?.[1] ?? "it does not say why";
  return new ProgramError(
    `Maven could not fetch Kafka's jars: ${reason.replace(/ -> \[Help.*/, "")}. Try again, ${OTHER_WAYS}`,
    { cause, kind: "jars_missing" },
  );
}
