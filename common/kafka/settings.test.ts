import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../lab/harness/programs.ts";
import { readKafkaSettings } from "./settings.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-kafka-settings-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("nothing set: a broker on this machine, in plain text", () => {
  const laptop = { brokers: ["localhost:9092"], ssl: false, prefix: "", replicationFactor: -1 };
  expect(readKafkaSettings({})).toEqual(laptop);
  // What a compose file or a shell script sets to nothing is not set.
  const empty = { KAFKA_BROKERS: "", KAFKA_SSL: "", KAFKA_SSL_CA: "", KAFKA_TOPIC_PREFIX: "" };
  const emptyToo = { KAFKA_SASL_USERNAME: "", KAFKA_SASL_MECHANISM: "", KAFKA_REPLICATION_FACTOR: "" };
  expect(readKafkaSettings({ ...empty, ...emptyToo })).toEqual(laptop);
});

test("everything set", () => {
  const env = {
    KAFKA_BROKERS: "a.example:9092, [::1]:9093",
    KAFKA_SSL: "True",
    KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
    KAFKA_SASL_USERNAME: "alice",
    KAFKA_SASL_PASSWORD: "a password",
    KAFKA_TOPIC_PREFIX: "class-7.b_",
    KAFKA_REPLICATION_FACTOR: "3",
  };
  expect(readKafkaSettings(env)).toEqual({
    brokers: ["a.example:9092", "[::1]:9093"],
    ssl: true,
    sasl: { mechanism: "scram-sha-512", username: "alice", password: "a password" },
    prefix: "class-7.b_",
    replicationFactor: 3,
  });
  expect(readKafkaSettings({ ...env, KAFKA_SASL_MECHANISM: undefined }).sasl?.mechanism).toBe("plain");
  expect(readKafkaSettings({ ...env, KAFKA_SSL: "0" }).ssl).toBe(false);
});

const ADDRESSES = "Expected the environment variable KAFKA_BROKERS to be host:port[,host:port...], got";
const PREFIX =
  "Expected the environment variable KAFKA_TOPIC_PREFIX to be at most 100 letters, digits, dots, hyphens and underscores, got";
const COPIES =
  "Expected the environment variable KAFKA_REPLICATION_FACTOR to be a whole number of at least 1, got";
const BAD: [Record<string, string>, string][] = [
  [{ KAFKA_BROKERS: "localhost" }, `${ADDRESSES} "localhost"`],
  [{ KAFKA_BROKERS: "localhost:" }, `${ADDRESSES} "localhost:"`],
  [{ KAFKA_BROKERS: ":9092" }, `${ADDRESSES} ":9092"`],
  [{ KAFKA_BROKERS: "localhost:0" }, `${ADDRESSES} "localhost:0"`],
  [{ KAFKA_BROKERS: "localhost:65536" }, `${ADDRESSES} "localhost:65536"`],
  [{ KAFKA_BROKERS: "localhost:abc" }, `${ADDRESSES} "localhost:abc"`],
  [{ KAFKA_BROKERS: "http://localhost:9092" }, `${ADDRESSES} "http://localhost:9092"`],
  [{ KAFKA_BROKERS: "::1:9092" }, `${ADDRESSES} "::1:9092"`],
  [{ KAFKA_BROKERS: "a:1,,b:2" }, `${ADDRESSES} nothing`],
  [{ KAFKA_BROKERS: "a:1;b:2" }, `${ADDRESSES} "a:1;b:2"`],
  [{ KAFKA_SSL: "yes" }, 'Expected the environment variable KAFKA_SSL to be true or false, got "yes"'],
  [
    { KAFKA_SASL_MECHANISM: "gssapi", KAFKA_SASL_USERNAME: "alice" },
    'Expected the environment variable KAFKA_SASL_MECHANISM to be plain or scram-sha-256 or scram-sha-512, got "gssapi"',
  ],
  [
    { KAFKA_SASL_MECHANISM: "plain" },
    "Expected the environment variable KAFKA_SASL_USERNAME to be a name, since KAFKA_SASL_MECHANISM is set, got nothing",
  ],
  [
    { KAFKA_SASL_PASSWORD: "a password" },
    "Expected the environment variable KAFKA_SASL_USERNAME to be a name, since KAFKA_SASL_PASSWORD is set, got nothing",
  ],
  [
    { KAFKA_SASL_USERNAME: "alice" },
    "Expected the environment variable KAFKA_SASL_PASSWORD to be a password, since KAFKA_SASL_USERNAME is set, got nothing",
  ],
  [{ KAFKA_TOPIC_PREFIX: "class 7" }, `${PREFIX} "class 7"`],
  [{ KAFKA_TOPIC_PREFIX: "klasse-ä" }, `${PREFIX} "klasse-ä"`],
  [{ KAFKA_TOPIC_PREFIX: "x".repeat(101) }, `${PREFIX} "${"x".repeat(101)}"`],
  [{ KAFKA_REPLICATION_FACTOR: "0" }, `${COPIES} "0"`],
  [{ KAFKA_REPLICATION_FACTOR: "-2" }, `${COPIES} "-2"`],
  [{ KAFKA_REPLICATION_FACTOR: "1.5" }, `${COPIES} "1.5"`],
  [{ KAFKA_REPLICATION_FACTOR: "three" }, `${COPIES} "three"`],
];

test.each(BAD)("%o is refused in one line", (env, message) => {
  expect(() => readKafkaSettings(env)).toThrow(
    expect.objectContaining({ message, kind: "invalid_variable", exitCode: 2 }),
  );
});

test("KAFKA_SSL_CA that is no file, or no certificate", () => {
  const refusal = (file: string) => () => readKafkaSettings({ KAFKA_SSL_CA: file });
  const refused = (file: string, why: string) =>
    expect.objectContaining({
      message: `Expected the environment variable KAFKA_SSL_CA to be a PEM file with the CA's certificate (${why}), got "${file}"`,
      cause: expect.any(Error),
    });
  const missing = join(folder, "missing.pem");
  const key = join(folder, "key.pem");
  const damaged = join(folder, "damaged.pem");
  writeFileSync(key, "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n");
  writeFileSync(damaged, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  expect(refusal(missing)).toThrow(refused(missing, "ENOENT"));
  expect(refusal(folder)).toThrow(refused(folder, "EISDIR"));
  for (const file of [key, damaged]) {
    expect(refusal(file)).toThrow(refused(file, "it holds none"));
  }
});

test.each([
  "4_message_queue/client.ts",
  "4_message_queue/worker.ts",
  "4_message_queue/persister.ts",
  "5_task_queue/client.ts",
  "5_task_queue/worker.ts",
  "5_task_queue/persister.ts",
  "5_task_queue/kafka_setup.ts",
  "application/worker.ts",
  "application/persister.ts",
  "application/gateway/program.ts",
])("%s says it in one line, and exits with 2", async (program) => {
  expect(await run(program, [], { env: { KAFKA_BROKERS: "localhost" } })).toMatchObject({
    exitCode: 2,
    stderr: `${ADDRESSES} "localhost"\n`,
  });
});
