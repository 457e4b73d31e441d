/** The Java that runs Kafka. */
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { ProgramError } from "../common/errors.ts";

/** Kafka 4 asks for it of a broker (https://kafka.apache.org/documentation/#java). */
const OLDEST_JAVA = 17;

/** A Kafka where one of the tools for the jars is missing. */
export const OTHER_WAYS =
  "or take a Kafka that does not need it: docker compose up -d, or KAFKA_BROKERS=host:port for one elsewhere";

const INSTALL: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "brew install --cask temurin",
  win32: "winget install EclipseAdoptium.Temurin.21.JDK",
};
const INSTALL_ON_LINUX = "sudo apt install openjdk-17-jre-headless";

export type Java =
  /** The program to run, and what it calls its version. */
  | { found: true; command: string; version: string }
  /** One line that says what is missing, and the command that installs it. */
  | { found: false; kind: "java_missing" | "java_too_old"; problem: string; fix: string };

/** Looks where Maven looks: JAVA_HOME before PATH. */
export async function lookForJava(home = process.env.JAVA_HOME): Promise<Java> {
  const command = home ? join(home, "bin", "java") : "java";
  const result = await execa(command, ["-version"], { reject: false, stdin: "ignore" });
  const version = /version "([^"]+)"/.exec(result.stderr ?? "")?.[1];
  // "1.8.0_292" is what Java 8 calls itself: its 1 is too old as well.
  if (version !== undefined && Number.parseInt(version, 10) >= OLDEST_JAVA) {
    return { found: true, command, version };
  }
  const isThere = result.exitCode !== undefined;
  const fault =
    version !== undefined
      ? `is Java ${version}`
      : isThere
        ? `does not run: ${firstLine(result.stderr) ?? `exit code ${result.exitCode}`}`
        : `was not found${home ? " (JAVA_HOME names it)" : ""}`;
  return {
    found: false,
    kind: version === undefined ? "java_missing" : "java_too_old",
    problem: `Kafka needs Java ${OLDEST_JAVA} or newer, and ${command} ${fault}`,
    fix: INSTALL[process.platform] ?? INSTALL_ON_LINUX,
  };
}

/** The command that starts Java. Throws ProgramError when it is missing or too old. */
export async function findJava(): Promise<string> {
  const java = await lookForJava();
  if (java.found) return java.command;
  const { kind, problem, fix } = java;
  throw new ProgramError(`${problem}. Install it (https://adoptium.net), ${OTHER_WAYS}`, { kind, fix });
}

function firstLine(text = ""): string | undefined {
  return stripVTControlCharacters(text).trim().split("\n")[0] || undefined;
}
