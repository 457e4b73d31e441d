/** A Kafka that asks for TLS and passwords: every way in, and what is said to whoever comes the wrong way. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OwnBroker, startOwnBroker } from "./own_broker.ts";
import { addScramUser, prepareSecuredBroker, type SecuredBroker } from "./secured_broker.ts";
import { countCommitted, eventually, storedIds } from "./tasks_for_tests.ts";

let folder: string;
let secured: SecuredBroker;
let own: OwnBroker;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-secured-"));
  secured = await prepareSecuredBroker(folder);
  own = await startOwnBroker(secured.options);
  await addScramUser(own.broker.brokers, "alice", secured.passwords.alice);
});
afterAll(async () => {
  await own.close();
  rmSync(folder, { recursive: true });
});

type Listener = keyof SecuredBroker["at"];
type Env = Record<string, string>;

const at = (listener: Listener): Env => ({ KAFKA_BROKERS: secured.at[listener] });
const withCa = (): Env => ({ KAFKA_SSL_CA: secured.ca });
const alice = (mechanism = "plain", password = secured.passwords.alice): Env => ({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: "alice",
  KAFKA_SASL_PASSWORD: password,
});

const WAYS_IN: [string, () => Env][] = [
  ["TLS", () => ({ ...at("SSL"), ...withCa() })],
  ["a password in plain text", () => ({ ...at("SASL_PLAINTEXT"), ...alice() })],
  ["a password over TLS", () => ({ ...at("SASL_SSL"), ...withCa(), ...alice() })],
  ["SCRAM-SHA-256 over TLS", () => ({ ...at("SASL_SSL"), ...withCa(), ...alice("scram-sha-256") })],
  ["SCRAM-SHA-512 over TLS", () => ({ ...at("SASL_SSL"), ...withCa(), ...alice("SCRAM-SHA-512") })],
  ["SCRAM-SHA-512 without TLS", () => ({ ...at("SASL_PLAINTEXT"), ...alice("scram-sha-512") })],
];

test.for(WAYS_IN)("%s: asked, answered, stored", async ([name, env]) => {
  const { sandbox } = own;
  const [options, db] = [
    { env: { ...env(), KAFKA_TOPIC_PREFIX: `${sandbox.prefix}${Date.now()}-` } },
    join(folder, `${name}.db`),
  ];
  const worker = sandbox.start("5_task_queue/worker.ts", ["--name", "worker"], options);
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db], options);
  const asked = await sandbox.run("5_task_queue/client.ts", [], { ...options, input: "6,3,4,1\n" });
  expect(asked).toMatchObject({ exitCode: 0, stderr: "" });
  expect(asked.stdout).toMatch(/^Iris type: 1 \(versicolor, \d+ %\) for 6,3,4,1, worker, \d+ ms\n$/);
  await persister.waitFor(/^Stored 1, up to offset 0/);
  expect(storedIds(db)).toHaveLength(1);
  for (const program of [worker, persister]) {
    expect(await program.stop()).toMatchObject({ exitCode: 0, stderr: "" });
  }
});
