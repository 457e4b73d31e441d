/** A broker that asks for TLS and passwords. Its CA, its key and the passwords are made for the occasion. */
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { BrokerOptions } from "../../kafka/broker.ts";
import { ensureJars } from "../../kafka/jars.ts";
import { findJava } from "../../kafka/java.ts";
import { freePort } from "../../kafka/ports.ts";

export interface SecuredBroker {
  options: Pick<BrokerOptions, "extraListeners" | "properties">;
  /** "localhost:port" of each listener. */
  at: Record<"SSL" | "SASL_PLAINTEXT" | "SASL_SSL" | "EXPIRED", string>;
  /** The CA's certificate, a PEM file. */
  ca: string;
  /** Another CA's, which has signed nothing here. */
  otherCa: string;
  passwords: Record<User, string>;
}

/** alice may do everything, bob what the test allows him. */
export type User = "alice" | "bob";

/** Makes the certificates in `folder`, and the settings of a broker that uses them. */
export async function prepareSecuredBroker(folder: string): Promise<SecuredBroker> {
  const secret = randomBytes(12).toString("hex");
  const ca = await makeCa(folder, "ca", secret);
  const otherCa = await makeCa(folder, "other-ca", secret);
  const keystore = await makeKeystore(folder, "broker", secret);
  const expired = await makeKeystore(folder, "expired", secret, ["-startdate", "-3d", "-validity", "2"]);

  const [ports, more] = [await freePort(), await freePort()];
  const at = {
    SSL: `localhost:${ports}`,
    SASL_PLAINTEXT: `localhost:${ports + 1}`,
    SASL_SSL: `localhost:${more}`,
    EXPIRED: `localhost:${more + 1}`,
  };
  const passwords = { alice: randomBytes(12).toString("hex"), bob: randomBytes(12).toString("hex") };
  const users = Object.entries(passwords).map(([user, password]) => `user_${user}="${password}"`);
  const login = "org.apache.kafka.common.security";
  const plain = `${login}.plain.PlainLoginModule required ${users.join(" ")};`;
  const scram = `${login}.scram.ScramLoginModule required;`;
  const properties = {
    "listener.security.protocol.map":
      "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,EXPIRED:SSL," +
      "SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
    "listener.name.expired.ssl.keystore.location": expired,
    "ssl.keystore.type": "PKCS12",
    "ssl.keystore.location": keystore,
    "ssl.keystore.password": secret,
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:alice;User:ANONYMOUS",
    ...Object.fromEntries(
      ["sasl_ssl", "sasl_plaintext"].flatMap((listener) => [
        [`listener.name.${listener}.plain.sasl.jaas.config`, plain],
        [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, scram],
        [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, scram],
      ]),
    ),
  };
  const extraListeners = Object.entries(at).map(([name, address]) => `${name}://${address}`);
  return { options: { extraListeners, properties }, at, ca, otherCa, passwords };
}

/** SCRAM's passwords live in the cluster itself, so the broker has to run; kafkajs cannot make them. */
export async function addScramUser(brokers: string, user: string, password: string): Promise<void> {
  const classpath = join(await ensureJars(), "*");
  const java = await findJava();
  const forUser = ["--alter", "--entity-type", "users", "--entity-name", user];
  const add = async (mechanism: string) => {
    const credential = ["--add-config", `${mechanism}=[password=${password}]`];
    const command = ["kafka.admin.ConfigCommand", "--bootstrap-server", brokers, ...forUser, ...credential];
    await execa(java, ["-XX:TieredStopAtLevel=1", "-cp", classpath, ...command]);
  };
  // Kafka refuses both in one request.
  await Promise.all(["SCRAM-SHA-256", "SCRAM-SHA-512"].map(add));
}

/** A CA in `name`.p12; returns its certificate's file. */
async function makeCa(folder: string, name: string, secret: string): Promise<string> {
  const [file, certificate] = [join(folder, `${name}.p12`), join(folder, `${name}.pem`)];
  await keytool("-genkeypair", "-alias", "ca", "-dname", `CN=${name}`, "-ext", "bc:c", [
    ...["-keyalg", "EC"],
    ...store(file, secret),
  ]);
  await keytool("-exportcert", "-alias", "ca", "-rfc", "-file", certificate, store(file, secret));
  return certificate;
}

/**
 * A key whose certificate, for the name localhost alone, is signed by the CA; returns the keystore's file.
 */
async function makeKeystore(folder: string, name: string, secret: string, validity: string[] = []) {
  const [file, caFile] = [join(folder, `${name}.p12`), join(folder, "ca.p12")];
  await keytool("-genkeypair", "-alias", name, "-dname", "CN=localhost", "-ext", "SAN=dns:localhost", [
    ...["-keyalg", "EC", "-signer", "ca", ...validity],
    ...store(caFile, secret),
  ]);
  // Into a file of its own: the broker is not to have the CA's key.
  await keytool("-importkeystore", "-srcalias", name, "-srckeystore", caFile, [
    ...["-srcstorepass", secret, "-destkeystore", file, "-deststorepass", secret],
  ]);
  return file;
}

function store(file: string, secret: string): string[] {
  return ["-storetype", "PKCS12", "-keystore", file, "-storepass", secret];
}

/** It comes with Java, and lies beside it. */
async function keytool(...args: (string | string[])[]): Promise<void> {
  const folder = dirname(await findJava());
  await execa(folder === "." ? "keytool" : join(folder, "keytool"), args.flat());
}
