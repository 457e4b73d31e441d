/** The doctor without a Kafka: each fault by itself, with the command that fixes it and the stages that it stops. */

import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KafkaError } from "../../common/kafka/errors.ts";
import { readModel } from "../../common/model_file.ts";
import { sqliteModule } from "../../common/sqlite.ts";
import { CACHE, KAFKA_VERSION } from "../../kafka/jars.ts";
import { freePort } from "../../kafka/ports.ts";
import { ROOT, run, type StartOptions, start } from "../harness/programs.ts";
import { judgeContact } from "./broker.ts";
import type { Check } from "./check.ts";
import { examineNode } from "./installation.ts";
import { sayWhichCanRun } from "./summary.ts";
import { judgeTools, lookForMaven, type Tools } from "./tools.ts";

const NO_KAFKA_STAGES = { 0: true, 1: true, 2: true, 3: true, 4: false, 5: false };
const POSIX = process.platform !== "win32";

let folder: string;
let brokers: string;
let serverPort: number;
let servers: Server[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-doctor-"));
  serverPort = await freePort();
  brokers = `localhost:${await freePort()}`;
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

/** An environment in which nothing but Kafka is missing, and a port for stage 3 that nobody else has. */
const healthyEnv = () => ({
  KAFKA_BROKERS: brokers,
  PORT: String(serverPort),
  HOST: "127.0.0.1",
  IRIS_MODEL: MODEL,
});
const MODEL = join(ROOT, "common", "model.json");

function examine(env: Record<string, string> = {}, args: string[] = []) {
  return run("lab/doctor/doctor.ts", args, { env: { ...healthyEnv(), ...env } } satisfies StartOptions);
}

interface Report {
  checks: { name: string; ok: boolean; warning?: true; detail: string; fix?: string }[];
  stages: Record<string, boolean>;
}

/** Its --json, of which stdout is to hold nothing else. */
async function examineAsJson(env: Record<string, string> = {}) {
  const { stdout, stderr, exitCode } = await examine(env, ["--json"]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\{.*\}\n$/);
  const report: Report = JSON.parse(stdout);
  return { ...report, exitCode, check: (name: string) => report.checks.find((check) => check.name === name) };
}

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, "localhost"), "listening");
  return (server.address() as AddressInfo).port;
}

/** Not for ever, and not the half minute that kafkajs waits for a silent port. Alone on a machine it is 5 s at most. */
function expectItsEnd(started: number): string {
  const seconds = (performance.now() - started) / 1000;
  expect(seconds).toBeLessThan(20);
  return `${seconds.toFixed(1)} s`;
}

/** A program of this name, the only one on PATH. */
function pretend(name: string, script: string): { PATH: string; JAVA_HOME: string } {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: folder, JAVA_HOME: "" };
}

test("nobody at KAFKA_BROKERS: stages 4 and 5 cannot run, exit 1; --json is one object and nothing else", async ({
  annotate,
}) => {
  const started = performance.now();
  const { checks, stages, exitCode, check } = await examineAsJson();
  await annotate(expectItsEnd(started));
  expect(exitCode).toBe(1);
  expect(stages).toEqual(NO_KAFKA_STAGES);
  expect(checks.map(({ name }) => name)).toEqual([
    ...["node", "native module", "model", "server port"],
    ...["java", "maven", "docker", "kafka port", "broker"],
  ]);
  for (const { name, ok, detail, fix } of checks) {
    expect(detail, name).toMatch(/^.+$/);
    if (!ok) expect(fix, name).toMatch(/^.+$/);
  }
  expect(check("node")).toEqual({ name: "node", ok: true, detail: process.versions.node });
  const { card } = readModel(MODEL);
  expect(check("model")).toEqual({ name: "model", ok: true, detail: `version ${card.version}, whole` });
  expect(check("server port")).toEqual({ name: "server port", ok: true, detail: `${serverPort} is free` });
  const port = brokers.split(":")[1];
  expect(check("kafka port")).toEqual({ name: "kafka port", ok: true, detail: `${port} is free` });
  expect(check("broker")).toMatchObject({
    ok: false,
    detail: `No Kafka answers at ${brokers}: start one with npm run kafka or docker compose up -d, or name another with KAFKA_BROKERS=host:port`,
  });
});

test("a port that accepts and stays silent: the whole ends all the same", async ({ annotate }) => {
  const port = await listening(createServer());
  const started = performance.now();
  const { exitCode, stages, check } = await examineAsJson({ KAFKA_BROKERS: `localhost:${port}` });
  await annotate(expectItsEnd(started));
  expect(exitCode).toBe(1);
  expect(stages).toEqual(NO_KAFKA_STAGES);
  expect(check("kafka port")).toMatchObject({
    ok: false,
    detail: `${port} is used by something that does not speak Kafka, or not yet`,
  });
});

test("Kafka's port is taken by a web server: both crosses name the same way around it", async () => {
  const port = await listening(createHttpServer((_, response) => response.end("Hello")));
  const { exitCode, check } = await examineAsJson({ KAFKA_BROKERS: `localhost:${port}` });
  expect(exitCode).toBe(1);
  expect(check("kafka port")).toMatchObject({
    ok: false,
    detail: `${port} is used by a web server`,
    fix: expect.stringMatching(/^npm run kafka -- --port (\d+) # then export KAFKA_BROKERS=localhost:\1$/),
  });
  expect(check("broker")?.fix).toBe(check("kafka port")?.fix);
});

test("no Java, Maven and Docker, and nobody at KAFKA_BROKERS: a cross each, and what to install", async () => {
  const { exitCode, stdout, stderr } = await examine({ PATH: folder, JAVA_HOME: "" });
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
  expect(stdout).not.toContain("\u001b");
  expect(stdout).toMatch(
    /^✗ java {11}Kafka needs Java 17 or newer, and java was not found\n {17}fix: \S.*\n/m,
  );
  expect(stdout).toMatch(/^✗ docker {9}docker was not found\n {17}fix: \S.*\n/m);
  const hasJars = existsSync(join(CACHE, `jars-${KAFKA_VERSION}`));
  expect(stdout).toMatch(
    hasJars
      ? /^✓ maven {10}not needed any more: Kafka's jars are here\n/m
      : /^✗ maven {10}mvn was not found\n {17}fix: \S.*\n/m,
  );
  // Not npm run kafka, which needs Java too.
  expect(stdout).toMatch(/^✗ broker .*\n {17}fix: (?!npm run kafka)\S.*\n/m);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(
    `Stages 0 to 3 can run. Stages 4 and 5 cannot: no Kafka answers at ${brokers}.`,
  );
});

test("Maven is asked for while Kafka's jars are not here", async () => {
  vi.stubEnv("PATH", folder);
  expect(await lookForMaven(join(folder, "jars"))).toMatchObject({ ok: false, detail: "mvn was not found" });
  expect(await lookForMaven(folder)).toMatchObject({ ok: true });
});

test.skipIf(!POSIX)("a docker that does not answer is not waited for", async ({ annotate }) => {
  const started = performance.now();
  const { check } = await examineAsJson(pretend("docker", "exec /bin/sleep 600"));
  await annotate(expectItsEnd(started));
  expect(check("docker")).toMatchObject({ ok: false, detail: "docker info did not answer within 3 s" });
});

test.skipIf(!POSIX)("a docker without its engine: the command starts it", async () => {
  const { check } = await examineAsJson(pretend("docker", "echo 'Cannot connect' >&2; exit 1"));
  expect(check("docker")).toMatchObject({
    ok: false,
    detail: "docker is here, but its engine does not answer",
    fix: process.platform === "linux" ? "sudo systemctl start docker" : "docker desktop start",
  });
});

test.skipIf(!POSIX)(
  "with a Docker engine neither Java nor Maven is missed, and Docker starts Kafka",
  async () => {
    const { check, exitCode } = await examineAsJson(pretend("docker", "echo 28.1.0"));
    expect(check("docker")).toEqual({ name: "docker", ok: true, detail: "its engine answers (28.1.0)" });
    expect(check("java")).toEqual({
      name: "java",
      ok: true,
      detail: "Kafka needs Java 17 or newer, and java was not found; not needed: Docker is here",
    });
    expect(check("maven")?.ok).toBe(true);
    // Compose's port is another than the one that was asked for here.
    expect(check("broker")?.fix).toBe("unset KAFKA_BROKERS && docker compose up -d");
    expect(exitCode).toBe(1);
  },
);

test("a tool that is missing is a cross only while none of the ways is left", () => {
  const tool = (ok: boolean) => ({ ok, detail: "", fix: "install it" });
  const crosses = (java: boolean, maven: boolean, docker: boolean, kafkaAnswers: boolean) => {
    const tools: Tools = { java: tool(java), maven: tool(maven), docker: tool(docker) };
    return judgeTools(tools, kafkaAnswers).flatMap(({ name, ok }) => (ok ? [] : name));
  };
  expect(crosses(false, false, false, false)).toEqual(["java", "maven", "docker"]);
  expect(crosses(true, false, false, false)).toEqual(["maven", "docker"]);
  expect(crosses(true, true, false, false)).toEqual([]);
  expect(crosses(false, false, true, false)).toEqual([]);
  expect(crosses(false, false, false, true)).toEqual([]);
});

test("a damaged model: stage 0, which makes it again, is the only one that can run", async () => {
  const file = join(folder, "model.json");
  writeFileSync(file, readFileSync(MODEL, "utf8").replace('"seed": ', '"seed": 1'));
  const { check, stages, exitCode } = await examineAsJson({ IRIS_MODEL: file });
  expect(check("model")).toEqual({
    name: "model",
    ok: false,
    detail: expect.stringMatching(/model\.json is damaged \(its content has version .*\): make it again/),
    fix: `npm run train -- --out ${file}`,
  });
  expect(stages).toEqual({ 0: true, 1: false, 2: false, 3: false, 4: false, 5: false });
  expect(exitCode).toBe(1);

  // What it advises fixes it.
  await run("0_notebook/train.ts", ["--out", file]);
  expect((await examineAsJson({ IRIS_MODEL: file })).check("model")?.ok).toBe(true);
});

test.skipIf(sqliteModule() === "node:sqlite")("a native module that does not load", async () => {
  const { check, stages, exitCode } = await examineAsJson({ NODE_OPTIONS: "--no-addons" });
  expect(check("native module")).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/^@photostructure\/sqlite does not load: Cannot load native addon/),
    fix: "npm rebuild @photostructure/sqlite",
  });
  expect(stages).toEqual(NO_KAFKA_STAGES);
  expect(exitCode).toBe(1);
});

test("stage 3's port: taken by another program, by its own server, or misspelt", async () => {
  const web = await listening(createHttpServer((_, response) => response.end("Hello")));
  const taken = await examineAsJson({ PORT: String(web), HOST: "localhost" });
  expect(taken.check("server port")).toMatchObject({
    ok: false,
    detail: `${web} is used by another program`,
    fix: expect.stringMatching(/^npm run server -- --port \d+$/),
  });
  expect(taken.stages).toMatchObject({ 2: true, 3: false });

  const server = start("3_client_server/server.ts", ["--port", String(serverPort)]);
  await server.waitFor(/serves on/);
  const ours = await examineAsJson();
  await server.stop();
  const detail = `${serverPort} is used by a server of stage 3`;
  expect(ours.check("server port")).toEqual({ name: "server port", ok: true, detail });
  expect(ours.stages).toMatchObject({ 3: true });

  const misspelt = await examineAsJson({ PORT: "http" });
  expect(misspelt.check("server port")).toMatchObject({ ok: false, fix: "unset PORT" });
  const empty = await examineAsJson({ PORT: "", HOST: "" });
  expect(empty.check("server port")?.detail).toMatch(/^8000 is /);
  expect(misspelt.stages).toMatchObject({ 2: true, 3: false });
});

test("a Kafka that lets nobody in like this is not taken for a missing one", () => {
  const tool = { ok: true, detail: "", fix: "" };
  const wantsTls = new KafkaError("wants_tls", "Kafka at a:1 wants TLS: set KAFKA_SSL=true", {
    fix: "export KAFKA_SSL=true",
  });
  const kafka = { brokers: [brokers], error: wantsTls };
  expect(judgeContact(kafka, { java: tool, maven: tool, docker: tool }, undefined)).toMatchObject({
    fix: "export KAFKA_SSL=true",
    blocks: { because: `Kafka at ${brokers} wants TLS` },
  });
});

test("an environment that is not to be understood is a cross, and not the end of the examination", async () => {
  const { check, checks, stages, exitCode } = await examineAsJson({ KAFKA_BROKERS: "localhost" });
  expect(check("broker")).toEqual({
    name: "broker",
    ok: false,
    detail: 'Expected the environment variable KAFKA_BROKERS to be host:port[,host:port...], got "localhost"',
    fix: "export KAFKA_BROKERS=...",
  });
  expect(checks).toHaveLength(9);
  expect(stages).toEqual(NO_KAFKA_STAGES);
  expect(exitCode).toBe(1);
});

test.skipIf(process.platform === "win32")(
  "Maven's version, which it prints in bold on a terminal",
  async () => {
    const maven = join(folder, "mvn");
    writeFileSync(maven, "#!/bin/sh\nprintf '\\033[1mApache Maven 3.8.7\\033[m\\nMaven home: /usr\\n'\n", {
      mode: 0o755,
    });
    const { PATH } = process.env;
    process.env.PATH = `${folder}:${PATH}`;
    try {
      expect(await lookForMaven(join(folder, "no-jars"))).toMatchObject({ ok: true, detail: "3.8.7" });
    } finally {
      process.env.PATH = PATH;
    }
  },
);

test("without Docker and Java the advice is to install Java, not a command that needs it", () => {
  const tool = (name: string, ok = false) => ({ ok, detail: "", fix: `install ${name}` });
  const error = new KafkaError("unreachable", "No Kafka answers at localhost:9092");
  const fixOf = (java: boolean, maven: boolean, docker: boolean) =>
    judgeContact(
      { brokers: ["localhost:9092"], error },
      { java: tool("Java", java), maven: tool("Maven", maven), docker: tool("Docker", docker) },
      undefined,
    ).fix;
  expect(fixOf(false, false, false)).toBe("install Java");
  expect(fixOf(true, false, false)).toBe("install Maven");
  expect(fixOf(true, true, false)).toBe("npm run kafka");
  expect(fixOf(false, false, true)).toBe("docker compose up -d");
});

test("--sweep without a Kafka says what it could not look for", async () => {
  const { exitCode, stdout, stderr } = await run("lab/doctor/doctor.ts", ["--sweep"], { env: healthyEnv() });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(
    /^(Deleted: .*\n)*Topics and groups were not looked for\. No Kafka answers at .*\n$/,
  );
});

test("a Node that is too old stops every stage", () => {
  expect(examineNode("20.19.0").ok).toBe(true);
  const old = examineNode("18.20.4");
  expect(old).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/^Expected Node 20.19 or newer, got 18.20.4/),
  });
  expect(sayWhichCanRun([old])).toBe("Stages 0 to 5 cannot: Node 18.20.4 is too old.");
});

test("the stages that can run, and why the others cannot", () => {
  const cross = (stages: number[], because: string): Check => ({
    ...{ name: because, ok: false, detail: "", fix: "" },
    blocks: { stages, because },
  });
  expect(sayWhichCanRun([])).toBe("Stages 0 to 5 can run.");
  expect(sayWhichCanRun([cross([3], "its port")])).toBe(
    "Stages 0, 1, 2, 4 and 5 can run. Stage 3 cannot: its port.",
  );
  expect(sayWhichCanRun([cross([1, 2, 3, 4, 5], "no model"), cross([4, 5], "no Kafka")])).toBe(
    "Stage 0 can run. Stages 1 to 3 cannot: no model. Stages 4 and 5 cannot: no model; no Kafka.",
  );
});

test("--help says what the exit code means; an unknown option is exit 2", async () => {
  const help = await examine({}, ["--help"]);
  expect(help).toMatchObject({ exitCode: 0, stderr: "" });
  expect(help.stdout).toContain("npm run --silent doctor -- --json");
  expect(help.stdout.replace(/\s+/g, " ")).toContain("The exit code is 1 when a stage cannot run");
  expect(await examine({}, ["--yaml"])).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: "error: unknown option '--yaml'. --help shows how.\n",
  });
});
