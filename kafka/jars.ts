/** The Java that runs Kafka, and Kafka's jars, which Maven fetches once. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { ProgramError } from "../common/errors.ts";

const POM = fileURLToPath(new URL("./pom.xml", import.meta.url));
/** Ignored by git; everything in it can be made again. */
export const CACHE = fileURLToPath(new URL("../.cache/kafka/", import.meta.url));
export const KAFKA_VERSION =
  /<kafka\.version>(.+)<\/kafka\.version>/.exec(readFileSync(POM, "utf8"))?.[1] ?? "";

/** Kafka 4 asks for it of a broker (https://kafka.apache.org/documentation/#java). */
const OLDEST_JAVA = 17;
const OTHER_WAYS =
  "Two ways without it: docker compose up -d, or KAFKA_BROKERS=host:port for a Kafka elsewhere.";

/** The Java to run, as Maven chooses it: JAVA_HOME before PATH. Throws ProgramError when it is missing or too old. */
export async function findJava(): Promise<string> {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin", "java") : "java";
  const { stderr = "" } = await execa(java, ["-version"], { reject: false });
  const version = /version "([^"]+)"/.exec(stderr)?.[1];
  if (version === undefined) {
    throw new ProgramError(
      `Kafka needs Java ${OLDEST_JAVA} or newer, and ${java} was not found. ${OTHER_WAYS}`,
    );
  }
  // "1.8.0_292" is what Java 8 calls itself: its 1 is too old as well.
  if (Number.parseInt(version, 10) < OLDEST_JAVA) {
    throw new ProgramError(
      `Kafka needs Java ${OLDEST_JAVA} or newer, and ${java} is Java ${version}. ${OTHER_WAYS}`,
    );
  }
  return java;
}

/** The folder of Kafka's jars; fetches them if it is not there. Safe to be called by several processes at once. */
export async function ensureJars(folder = join(CACHE, `jars-${KAFKA_VERSION}`)): Promise<string> {
  if (existsSync(folder)) return folder;
  // A download that breaks off must not look like a finished one, so it goes elsewhere and is renamed at the end.
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  const plugin = "org.apache.maven.plugins:maven-dependency-plugin";
  const goal = [`${plugin}:copy-dependencies`, "-DincludeScope=runtime", `-DoutputDirectory=${partial}`];
  const download = execa("mvn", ["--batch-mode", "--quiet", "--file", POM, ...goal], {
    reject: false,
    all: true,
    stdin: "ignore",
  });
  download.once("spawn", () =>
    console.error(`Downloading Apache Kafka ${KAFKA_VERSION} (46 jars, 44 MB, once)…`),
  );
  const maven = await download;
  if (maven.failed) {
    await rm(partial, { recursive: true });
    if (maven.code === "ENOENT") {
      const message = `Apache Maven, which fetches Kafka's jars, was not found (mvn). ${OTHER_WAYS}`;
      throw new ProgramError(message, { cause: maven });
    }
    const reason = /\[ERROR\] (.+)/.exec(maven.all ?? "")?.[1] ?? "it does not say why";
    throw new ProgramError(
      `Maven could not fetch Kafka's jars: ${reason.replace(/ -> \[Help.*/, "")}. ${OTHER_WAYS}`,
      { cause: maven },
    );
  }
  await rename(partial, folder).catch(async (error) => {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    await rm(partial, { recursive: true });
  });
  return folder;
}
