/** The thread of a view: reads the topics, writes the database, and tells the main thread of each change. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { ProgramError } from "../../common/errors.ts";
import { connectKafka } from "../../common/kafka/client.ts";
import { explainRefusal, KafkaError } from "../../common/kafka/errors.ts";
import { topicNames } from "../../common/kafka/topics.ts";
import { closeDatabase } from "../../common/sqlite.ts";
import { applicationTopics, ensureApplicationTopics } from "../topics.ts";
import { LogFollower } from "./follow_log.ts";
import type { FaultMessage, FromThread, ThreadData, ToThread } from "./thread_messages.ts";
import type { ReadTopic } from "./types.ts";
import { DAMAGED, explainFile, isDamage, openViewFile } from "./view_file.ts";

const port = parentPort as MessagePort;
const { file, settings, keepMs, waiting } = workerData as ThreadData;
const waiters = new Int32Array(waiting);
const tell = (message: FromThread) => port.postMessage(message);
const say = (line: string) => tell({ kind: "say", line });

const fail = (error: unknown) => tell({ kind: "failed", error: toFault(explainFile(file, error)) });

await run().catch(fail);

async function run(): Promise<void> {
  const database = openViewFile(file, say);
  const kafka = await connectKafka(settings, "gateway-view", { say });
  await ensureApplicationTopics(kafka);
  const { tasks, results, deadLetters } = topicNames(settings.prefix);
  const topics = { tasks, results, deadLetters, ...applicationTopics(settings.prefix) };
  // Who waits for a task waits for what becomes of it: its acceptance has time until that is written, too.
  const isWaitedFor = (topic: ReadTopic) =>
    Atomics.load(waiters, 0) > 0 || (topic !== "tasks" && Atomics.load(waiters, 1) > 0);
  const log = await LogFollower.start({ kafka, database, file, topics, keepMs, isWaitedFor, tell, say });
  log.failed.catch(fail);
  port.on("message", (message: ToThread) => obey(message).catch(fail));
  tell({ kind: "ready" });

  let isClosing = false;
  async function obey(message: ToThread): Promise<void> {
    if (isClosing) return;
    if (message.kind === "hurry") log.hurry();
    else if (message.kind === "owners") log.setOwners(message.owners);
    else if (message.kind === "ask") await answer(message.ask, message.topics);
    else {
      isClosing = true;
      await log.close();
      await kafka.close();
      closeDatabase(database);
      tell({ kind: "closed" });
    }
  }

  async function answer(ask: number, asked: readonly ReadTopic[]): Promise<void> {
    try {
      tell({ kind: "ends", ask, ends: await log.ask(asked) });
    } catch (error) {
      tell({ kind: "noAnswer", ask, error: toFault(error) });
    }
  }
}

function toFault(cause: unknown): FaultMessage {
  const isRefusal = (cause as Error).name.startsWith("KafkaJS");
  const error = isRefusal ? explainRefusal(cause, "what the view asked") : (cause as Error);
  const { message, stack } = error;
  if (!(error instanceof ProgramError)) {
    // A fault of ours: its stack tells more.
    return { message: stack ?? message, kind: undefined, fix: undefined, isKafka: undefined };
  }
  const kind = isDamage(error.cause) ? DAMAGED : error.kind;
  return { message, kind, fix: error.fix, isKafka: error instanceof KafkaError };
}
