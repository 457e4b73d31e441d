/** The settings file that a broker is started with. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const SERVER_PROPERTIES = fileURLToPath(new URL("./server.properties", import.meta.url));

export interface Settings {
  /** Of the plain listener on localhost, which is also the one asked whether the broker is ready. */
  port: number;
  /** For the broker's own use; `port` + 1 if not given. */
  controllerPort?: number;
  /** Made if missing: topics, kafka.log and the settings in force. */
  dataDir: string;
  /**
   * Settings that win over those of the file. SASL and TLS: their settings, and `extraListeners`. A cluster of
   * three: "node.id", "controller.quorum.voters" with all three controller ports, "offsets.topic.replication.factor"
   * "3" and the like; start them together with Promise.all, since none answers before a majority is up.
   */
  properties?: Record<string, string>;
  /** Beside the plain one on `port`, as "SASL_SSL://localhost:20123". */
  extraListeners?: string[];
  /** In place of kafka/server.properties. */
  configFile?: string;
}

/** Where the broker keeps its topics. */
export function logDir(dataDir: string): string {
  return join(dataDir, "kafka-logs");
}

/** The configuration file's text with this broker's own settings behind it: of two equal keys the last counts. */
export async function settingsText(settings: Settings): Promise<string> {
  const { port, controllerPort = port + 1, dataDir, properties = {}, extraListeners = [] } = settings;
  const listeners = [
    `PLAINTEXT://localhost:${port}`,
    `CONTROLLER://localhost:${controllerPort}`,
    ...extraListeners,
  ];
  const own = {
    listeners: listeners.join(","),
    "controller.quorum.voters": `${properties["node.id"] ?? 1}@localhost:${controllerPort}`,
    "log.dirs": logDir(dataDir),
    ...properties,
  };
  const lines = Object.entries(own).map(([key, value]) => `${key}=${escapeValue(value)}\n`);
  return `${await readFile(settings.configFile ?? SERVER_PROPERTIES, "utf8")}\n\n# From kafka/broker.ts\n${lines.join("")}`;
}

/**
 * Java reads the file as Latin-1, with backslash as its escape character (java.util.Properties.load): a folder
 * such as C:\Users\Zoë would not be found, and a PEM key has several lines.
 */
function escapeValue(value: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
