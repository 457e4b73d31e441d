/**
 * What starts a Kafka on this machine: Docker, or Java with Maven. One of the two is enough, and none if a
 * Kafka answers.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { CACHE, KAFKA_VERSION } from "../../kafka/jars.ts";
import { lookForJava } from "../../kafka/java.ts";
import { type Check, within } from "./check.ts";

const LIMIT_MS = 3000;

interface Tool {
  ok: boolean;
  detail: string;
  fix: string;
}

export interface Tools {
  java: Tool;
  maven: Tool;
  docker: Tool;
}

type Install = Partial<Record<NodeJS.Platform, string>> & { linux: string };
const INSTALL_JAVA: Install = {
  linux: "sudo apt install openjdk-17-jre-headless",
  darwin: "brew install --cask temurin",
  win32: "winget install EclipseAdoptium.Temurin.21.JDK",
};
const INSTALL_MAVEN: Install = {
  linux: "sudo apt install maven",
  darwin: "brew install maven",
  win32: "choco install maven",
};
const INSTALL_DOCKER: Install = {
  linux: "curl -fsSL https://get.docker.com | sh",
  darwin: "brew install --cask docker-desktop",
  win32: "winget install Docker.DockerDesktop",
};
const START_DOCKER: Install = {
  linux: "sudo systemctl start docker",
  darwin: "docker desktop start",
  win32: "docker desktop start",
};
const here = (commands: Install) => commands[process.platform] ?? commands.linux;

/** Looks for all three at once. */
export async function lookForTools(): Promise<Tools> {
  const [java, maven, docker] = await Promise.all([checkJava(), lookForMaven(), lookForDocker()]);
  return { java, maven, docker };
}

async function checkJava(): Promise<Tool> {
  const fix = here(INSTALL_JAVA);
  const java = await within(LIMIT_MS, lookForJava());
  if (java === undefined) return { ok: false, detail: silent("java -version"), fix };
  if (!java.found) return { ok: false, detail: java.problem, fix };
  return { ok: true, detail: `17 or newer (${java.command})`, fix };
}

/** Maven fetches Kafka's jars, once. */
export async function lookForMaven(jars = join(CACHE, `jars-${KAFKA_VERSION}`)): Promise<Tool> {
  const fix = here(INSTALL_MAVEN);
  if (existsSync(jars)) return { ok: true, detail: "not needed any more: Kafka's jars are here", fix };
  const { stdout, exitCode, timedOut } = await ask("mvn", "--version");
  // With TERM set, Maven prints its version in bold.
  const version = /Apache Maven (\d\S*)/.exec(stripVTControlCharacters(stdout ?? ""))?.[1];
  if (version !== undefined) return { ok: true, detail: version, fix };
  if (timedOut) return { ok: false, detail: silent("mvn --version"), fix };
  // Its start script found, but not the Java that it needs.
  const found = exitCode !== undefined;
  return { ok: false, detail: found ? `mvn ended with exit code ${exitCode}` : "mvn was not found", fix };
}

async function lookForDocker(): Promise<Tool> {
  const { stdout, exitCode, timedOut } = await ask("docker", "info", "--format", "{{.ServerVersion}}");
  if (exitCode === 0) return { ok: true, detail: `its engine answers (${stdout})`, fix: "" };
  if (exitCode === undefined && !timedOut)
    return { ok: false, detail: "docker was not found", fix: here(INSTALL_DOCKER) };
  const detail = timedOut ? silent("docker info") : "docker is here, but its engine does not answer";
  return { ok: false, detail, fix: here(START_DOCKER) };
}

const ask = (command: string, ...args: string[]) =>
  execa(command, args, { reject: false, stdin: "ignore", timeout: LIMIT_MS, forceKillAfterDelay: 100 });

const silent = (command: string) => `${command} did not answer within ${LIMIT_MS / 1000} s`;

/** Only what is needed and missing is a cross. */
export function judgeTools(tools: Tools, kafkaAnswers: boolean): Check[] {
  const fromJars = tools.java.ok && tools.maven.ok;
  const instead = kafkaAnswers
    ? "a Kafka answers"
    : tools.docker.ok
      ? "Docker is here"
      : fromJars
        ? "Java and Maven are here"
        : undefined;
  return (["java", "maven", "docker"] as const).map((name) => {
    const { ok, detail, fix } = tools[name];
    if (ok) return { name, ok, detail };
    if (instead !== undefined) return { name, ok: true, detail: `${detail}; not needed: ${instead}` };
    return { name, ok, detail, fix };
  });
}
