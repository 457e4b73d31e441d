/** The settings file that a broker is started with. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { logDir } from "./data_folder.ts";

export const SERVER_PROPERTIES = fileURLToPath(new URL("./server.properties", import.meta.url));

export interface Settings {
  /** Of the plain listener on localhost, which is also the one asked whether the broker is ready. */
  port: number;
  /** For the broker's own use; `port` + 1 if not given. */
  controllerPort?: number;
  /** Made if missing. It holds the topics, kafka.log, and the settings that the broker was started with. */
  dataDir: string;
  /**
   * Settings that override those of the file. For SASL and TLS: their settings, and `extraListeners`. For a
   * cluster of three: "node.id", "controller.quorum.voters" with all three controller ports, and
   * "offsets.topic.replication.factor" of 3. Start its brokers together: none answers before a majority runs.
   */
  properties?: Record<string, string>;
  /** In addition to the plain one on `port`, for example "SASL_SSL://localhost:20123". */
  extraListeners?: string[];
  /** Instead of kafka/server.properties. */
  configFile?: string;
}

/**
 * The configuration file's text and then this broker's own settings. Of two equal keys the last one counts.
 */
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
  const text = await readFile(settings.configFile ?? SERVER_PROPERTIES, "utf8");
  return `${text}\n\n# From kafka/broker.ts\n${lines.join("")}`;
}

/**
 * Java reads the file as Latin-1, with the backslash as its escape character (java.util.Properties.load).
 * Without this it would not find a folder such as C:\Users\Zoë, nor understand a PEM key of several lines.
 */
function escapeValue(value: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
