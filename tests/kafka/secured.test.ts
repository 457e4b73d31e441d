/** A Kafka that asks for TLS and passwords: every way in, and what is said to whoever comes the wrong way. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storedIds } from "../support/kafka_state.ts";
import { type OwnBroker, startOwnBroker } from "../support/own_broker.ts";
import { addScramUser, prepareSecuredBroker, type SecuredBroker } from "../support/secured_broker.ts";

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

type Env = Record<string, string>;

const at = (listener: keyof SecuredBroker["at"]): Env => ({ KAFKA_BROKERS: secured.at[listener] });
const withCa = (file = secured.ca): Env => ({ KAFKA_SSL_CA: file });
const alice = (mechanism = "plain", password = secured.passwords.alice): Env => ({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: "alice",
  KAFKA_SASL_PASSWORD: password,
});

const WAYS_IN: [string, () => Env][] = [
  ["TLS", () => ({ ...at("SSL"), ...withCa() })],
  ["a password without TLS", () => ({ ...at("SASL_PLAINTEXT"), ...alice() })],
  ["a password over TLS", () => ({ ...at("SASL_SSL"), ...withCa(), ...alice() })],
  ["SCRAM-SHA-256 over TLS", () => ({ ...at("SASL_SSL"), ...withCa(), ...alice("scram-sha-256") })],
  ["SCRAM-SHA-512 over TLS", () => ({ ...at("SASL_SSL"), ...withCa(), ...alice("SCRAM-SHA-512") })],
  ["SCRAM-SHA-512 without TLS", () => ({ ...at("SASL_PLAINTEXT"), ...alice("scram-sha-512") })],
];

test.for(WAYS_IN)("%s: asked, answered, stored", async ([name, env]) => {
  const db = join(folder, `${name}.db`);
  const prefix = `${own.sandbox.prefix}${name.replaceAll(" ", "-")}-`;
  const options = { env: { ...env(), KAFKA_TOPIC_PREFIX: prefix } };
  const worker = own.sandbox.start("5_task_queue/worker.ts", ["--name", "worker"], options);
  const persister = own.sandbox.start("5_task_queue/persister.ts", ["--db", db], options);
  const asked = await own.sandbox.run("5_task_queue/client.ts", [], { ...options, input: "6,3,4,1\n" });
  expect(asked).toMatchObject({ exitCode: 0, stderr: "" });
  expect(asked.stdout).toMatch(/^-> (\w{4}) 6,3,4,1\n<- \1 versicolor, worker, \d+ ms\n$/);
  await persister.waitFor(/^Stored 1, up to offset 0/);
  expect(storedIds(db)).toHaveLength(1);
  for (const program of [worker, persister]) {
    expect(await program.stop()).toMatchObject({ exitCode: 0, stderr: "" });
  }
});

const REFUSED =
  'refused the user "alice": check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM';
const WANTS_TLS = "wants TLS: set KAFKA_SSL=true, and KAFKA_SSL_CA=ca.pem if its CA is not a public one";
const NO_TLS =
  "does not speak TLS: unset KAFKA_SSL and KAFKA_SSL_CA, or name its port with TLS in KAFKA_BROKERS";
const WANTS_PASSWORD =
  "wants a password: set KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM";
const OTHER_LOGIN =
  "does not take this way to log in: check KAFKA_SASL_MECHANISM, or unset KAFKA_SASL_* for a port without passwords";
const NO_CA = "signed by an unknown CA: name its file with KAFKA_SSL_CA=ca.pem";

/** What is wrong, the environment, and the line that says so; AT stands for the address. */
const WRONG_WAYS: [string, () => Env, string][] = [
  [
    "wrong password",
    () => ({ ...at("SASL_SSL"), ...withCa(), ...alice("plain", "x") }),
    `Kafka at AT ${REFUSED}`,
  ],
  [
    "wrong password, SCRAM",
    () => ({ ...at("SASL_PLAINTEXT"), ...alice("scram-sha-256", "x") }),
    `Kafka at AT ${REFUSED}`,
  ],
  ["CA missing", () => ({ ...at("SSL"), KAFKA_SSL: "true" }), `The certificate of Kafka at AT is ${NO_CA}`],
  [
    "CA missing, with a password",
    () => ({ ...at("SASL_SSL"), KAFKA_SSL: "true", ...alice() }),
    `The certificate of Kafka at AT is ${NO_CA}`,
  ],
  [
    "another CA",
    () => ({ ...at("SSL"), ...withCa(secured.otherCa) }),
    "The certificate of Kafka at AT is not signed by the CA in KAFKA_SSL_CA: name the right CA's file",
  ],
  [
    "certificate expired",
    () => ({ ...at("EXPIRED"), ...withCa() }),
    "The certificate of Kafka at AT has expired: its operator has to renew it",
  ],
  [
    "certificate for another name",
    () => ({ KAFKA_BROKERS: secured.at.SSL.replace("localhost", "127.0.0.1"), ...withCa() }),
    "The certificate of Kafka at AT is for another host name: use the name in it in KAFKA_BROKERS",
  ],
  ["plain text on a TLS port", () => at("SSL"), `Kafka at AT ${WANTS_TLS}`],
  [
    "a password in plain text on a TLS port",
    () => ({ ...at("SASL_SSL"), ...alice() }),
    `Kafka at AT ${WANTS_TLS}`,
  ],
  [
    "TLS on a plain port",
    () => ({ KAFKA_BROKERS: own.broker.brokers, ...withCa() }),
    `Kafka at AT ${NO_TLS}`,
  ],
  [
    "TLS on a plain port with passwords",
    () => ({ ...at("SASL_PLAINTEXT"), ...withCa(), ...alice() }),
    `Kafka at AT ${NO_TLS}`,
  ],
  [
    "no password where one is wanted",
    () => at("SASL_PLAINTEXT"),
    `AT hung up. If that is Kafka, it ${WANTS_PASSWORD}. If not, start one with npm run kafka or docker compose up -d, or name another with KAFKA_BROKERS=host:port`,
  ],
  [
    "no password where one is wanted, over TLS",
    () => ({ ...at("SASL_SSL"), ...withCa() }),
    `Kafka at AT ${WANTS_PASSWORD}`,
  ],
  [
    "a password where none is wanted",
    () => ({ KAFKA_BROKERS: own.broker.brokers, ...alice() }),
    `Kafka at AT ${OTHER_LOGIN}`,
  ],
  [
    "a password where none is wanted, over TLS",
    () => ({ ...at("SSL"), ...withCa(), ...alice("scram-sha-512") }),
    `Kafka at AT ${OTHER_LOGIN}`,
  ],
  [
    "more copies than there are brokers",
    () => ({
      KAFKA_BROKERS: own.broker.brokers,
      KAFKA_TOPIC_PREFIX: "three-",
      KAFKA_REPLICATION_FACTOR: "3",
    }),
    "Kafka did not make the topic three-TOPIC (Replication-factor is invalid): check KAFKA_REPLICATION_FACTOR, which is 3: there have to be as many brokers",
  ],
];

test.for(WRONG_WAYS)("%s: one line that says so, exit 1", async ([, env, line]) => {
  const { KAFKA_BROKERS = "", ...more } = env();
  const exit = await own.sandbox.run("5_task_queue/client.ts", [], {
    env: { KAFKA_BROKERS, ...more },
    input: "6,3,4,1\n",
  });
  const stderr = exit.stderr.replaceAll(KAFKA_BROKERS, "AT").replace(/three-[a-z-]+/, "three-TOPIC");
  expect({ ...exit, stderr }).toMatchObject({ exitCode: 1, stdout: "", stderr: `${line}\n` });
});

// What no retry changes must not look like an outage, and must not leave a process that consumes nothing.
test("a group that may not be used ends the program with one line, exit 1", async () => {
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
  const allow = (resourceType: number, operation: number) => ({
    acl: [
      {
        ...{ resourceType, resourceName: "*", resourcePatternType: ResourcePatternTypes.LITERAL },
        ...{ principal: "User:bob", host: "*", operation, permissionType: AclPermissionTypes.ALLOW },
      },
    ],
  });
  const { admin, prefix } = own.sandbox;
  const bob = {
    ...at("SASL_SSL"),
    ...withCa(),
    KAFKA_SASL_USERNAME: "bob",
    KAFKA_SASL_PASSWORD: secured.passwords.bob,
  };
  const expectRefusal = async (program: string, group: string, ...args: string[]) => {
    const exit = await own.sandbox.run(program, args, { env: bob, input: "6,3,4,1\n" });
    const stderr = exit.stderr.replace(/iris_client_[\da-f-]+/, "iris_client_ID");
    expect({ exitCode: exit.exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        `Kafka refused the consumer group ${group}: Not authorized to access group: Group authorization failed. ` +
        "Next: ask the operator of this Kafka for the rights\n",
    });
  };
  const expectRefusals = async () => {
    const db = join(folder, "bob.db");
    await expectRefusal("4_message_queue/worker.ts", `${prefix}task_consumer_group`);
    await expectRefusal("5_task_queue/worker.ts", `${prefix}task_consumer_group`);
    await expectRefusal("5_task_queue/persister.ts", `${prefix}persister_group`, "--db", db);
    await expectRefusal("5_task_queue/client.ts", `${prefix}iris_client_ID`);
  };

  await admin.createAcls(allow(AclResourceTypes.TOPIC, AclOperationTypes.ALL));
  // Kafka does not even tell him who coordinates the group; then it does, and does not let him in.
  await expectRefusals();
  await admin.createAcls(allow(AclResourceTypes.GROUP, AclOperationTypes.DESCRIBE));
  await expectRefusals();
});
