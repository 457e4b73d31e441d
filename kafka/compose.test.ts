/**
 * docker-compose.yml, tested without a Docker engine. The image's own start-up program is in Kafka's jars. It
 * turns the KAFKA_ variables into settings, and a real broker starts with them. Only ports and folders
 * differ.
 */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../lab/harness/programs.ts";
import { type Broker, startBroker } from "./broker.ts";
import { logDir } from "./data_folder.ts";
import { ensureJars, KAFKA_VERSION } from "./jars.ts";
import { findJava } from "./java.ts";
import { freePort } from "./ports.ts";
import { SERVER_PROPERTIES } from "./server_properties.ts";

const compose = parse(await readFile(join(ROOT, "docker-compose.yml"), "utf8"));
const service = compose.services.kafka;

/** Where a container is found differs from where a process is. */
const ABOUT_PLACE = ["listeners", "listener.security.protocol.map", "log.dirs"];

let folder: string;
let port: number;
let composed: Record<string, string>;
let broker: Broker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kafka-compose-"));
  port = await freePort();
  const containersPort = await freePort();
  const ports: Record<string, number> = { 9092: port, 9093: port + 1, 19092: containersPort };
  const here = (value: string) =>
    value
      .replace(/:(9092|9093|19092)\b/g, (_, inside) => `:${ports[inside]}`)
      .replaceAll("//kafka:", "//localhost:");
  const environment = Object.fromEntries(
    Object.entries<string>(service.environment).map(([key, value]) => [key, here(value)]),
  );
  composed = await imageSettings({ ...environment, KAFKA_LOG_DIRS: logDir(folder) });

  const { listeners = "", "controller.quorum.voters": voters = "" } = composed;
  broker = await startBroker({
    port,
    dataDir: folder,
    configFile: join(folder, "final", "server.properties"),
    properties: { listeners, "controller.quorum.voters": voters },
  });
});

afterAll(async () => {
  await broker?.stop();
  await rm(folder, { recursive: true, maxRetries: 20 });
});

/** What /etc/kafka/docker/launch of the image does: it writes server.properties from the environment. */
async function imageSettings(environment: Record<string, string>): Promise<Record<string, string>> {
  const folders = ["default", "mounted", "final"];
  await Promise.all(folders.map((name) => mkdir(join(folder, name))));
  const folderOptions = folders.flatMap((name) => [`--${name}-configs-dir`, join(folder, name)]);
  await execa(
    await findJava(),
    ["-cp", join(await ensureJars(), "*"), "kafka.docker.KafkaDockerWrapper", "setup", ...folderOptions],
    // The image's default:
    // https://github.com/apache/kafka/blob/4.3.0/docker/resources/common-scripts/bash-config
    { env: { ...environment, CLUSTER_ID: "5L6g3nShT-eMCtK--X86sw" } },
  );
  return properties(await readFile(join(folder, "final", "server.properties"), "utf8"));
}

function properties(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^([\w.]+)=(.*)$/gm)].map(([, key, value]) => [key, value]));
}

test("the image is Kafka of the pom's version", () => {
  expect(service.image).toBe(`apache/kafka:${KAFKA_VERSION}`);
});

test("every setting of kafka/server.properties has the same value", async () => {
  const ours = properties(await readFile(SERVER_PROPERTIES, "utf8"));
  const theirs = { ...composed, "controller.quorum.voters": "1@localhost:9093" };
  for (const key of ABOUT_PLACE) delete ours[key];
  expect(theirs).toMatchObject(ours);
});

test("data lies in the named volume", () => {
  const path = service.environment.KAFKA_LOG_DIRS;
  expect(service.volumes).toEqual([`kafka_data:${path}`]);
  expect(compose.volumes).toHaveProperty("kafka_data");
});

test.each(["HOST", "CONTAINERS"])("a message goes through the listener %s", async (name) => {
  const address = new RegExp(`${name}://([^,]+)`).exec(composed["advertised.listeners"] ?? "")?.[1] ?? "";
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.ERROR });
  const topic = `through-${name.toLowerCase()}`;
  const [admin, producer, consumer] = [kafka.admin(), kafka.producer(), kafka.consumer({ groupId: topic })];
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  await admin.createTopics({ topics: [{ topic }] });
  await consumer.subscribe({ topic, fromBeginning: true });
  const received = new Promise((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) });
  });
  await producer.send({ topic, messages: [{ value: "6,3,4,1" }] });
  expect(await received).toBe("6,3,4,1");
  await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
});

test.skipIf(process.platform === "win32")(
  "the health check tells a broker that answers from none",
  async () => {
    const check = (on: number) => {
      const [kind, command, ...args] = service.healthcheck.test.map((part: string) =>
        part.replace("9092", `${on}`),
      );
      expect(kind).toBe("CMD");
      return execa(command, args, { reject: false });
    };
    expect(await check(port)).toMatchObject({ exitCode: 0 });
    expect((await check(await freePort())).exitCode).not.toBe(0);
  },
);
