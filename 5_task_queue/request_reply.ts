/**
 * Request and reply over two topics (Hohpe and Woolf's "Request-Reply" with a "Correlation Identifier"): each task
 * carries a UUID, its answer repeats it, and a map of open questions tells whose answer has come.
 */
import type { Admin, Kafka } from "kafkajs";
import { v4 as uuid4 } from "uuid";
import type { Measurements } from "../common/iris.ts";
import { connectProducer, settings, TOPICS, throughOutages } from "../common/kafka/client.ts";
import { consume, type RunningConsumer } from "../common/kafka/consumer.ts";
import { type Failure, parseResult, type Result } from "../common/messages.ts";

export interface Reply {
  task_id: string;
  /** The worker's answer, its refusal, or undefined when the time ran out. */
  answer: Result | Failure | undefined;
  /** Whether Kafka has taken the task; it may be away, and then the time runs out all the same. */
  sent: boolean;
  /** From sending to the answer. */
  milliseconds: number;
}

export interface TaskQueue {
  /** Sends these tasks together; each promise resolves with its own reply, and never rejects. */
  ask(questions: readonly Measurements[], timeoutSeconds: number): Promise<Promise<Reply>[]>;
  close(): Promise<void>;
}

/** Gets ready to hear every answer before the first question is sent. `onLate` is told of answers past their time. */
export async function openTaskQueue(
  kafka: Kafka,
  admin: Admin,
  onLate: (task_id: string, answer: Result | Failure) => void,
): Promise<TaskQueue> {
  const open = new Map<string, (answer: Result | Failure) => void>();
  const timedOut = new Set<string>();
  // A group of its own, since every client has to see every result. It is deleted when the client leaves.
  const groupId = `${settings.prefix}iris_client_${uuid4()}`;
  // Where `results` ends before the first question: no answer of ours lies before it. A new group that just begins
  // "at the end" finds out where that is at its first fetch, and misses what came before that.
  const nextOffset = new Map<number, string>();
  const [producer, consumer] = await Promise.all([connectProducer(kafka), listen()]);

  async function listen(): Promise<RunningConsumer> {
    const ends = await throughOutages(() => admin.fetchTopicOffsets(TOPICS.results));
    for (const { partition, high } of ends) nextOffset.set(partition, high);
    return consume(kafka, {
      groupId,
      topic: TOPICS.results,
      fromBeginning: false,
      // On every join, not only the first. A partition that is new since the snapshot is read from its beginning.
      onAssigned: (partitions, seek) => {
        for (const partition of partitions) seek(partition, nextOffset.get(partition) ?? "0");
      },
      run: { autoCommit: false },
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) {
          nextOffset.set(batch.partition, String(BigInt(message.offset) + 1n));
          receive(message.value);
        }
      },
    });
  }

  function receive(value: Buffer | null): void {
    const result = parseResult(value);
    // Others' answers, and rubbish, are not ours to deal with; a second answer to the same task is ignored.
    if (!result.ok || result.value.task_id === undefined) return;
    const { task_id } = result.value;
    open.get(task_id)?.(result.value);
    if (timedOut.delete(task_id)) onLate(task_id, result.value);
  }

  async function ask(questions: readonly Measurements[], timeoutSeconds: number): Promise<Promise<Reply>[]> {
    const tasks = questions.map((X) => ({ task_id: uuid4(), X }));
    const start = performance.now();
    let sent = false;
    const replies = tasks.map(
      ({ task_id }) =>
        new Promise<Reply>((resolve) => {
          const settle = (answer?: Result | Failure) => {
            clearTimeout(timer);
            open.delete(task_id);
            if (answer === undefined) timedOut.add(task_id);
            resolve({ task_id, answer, sent, milliseconds: performance.now() - start });
          };
          const timer = setTimeout(settle, timeoutSeconds * 1000);
          open.set(task_id, settle);
        }),
    );
    const messages = tasks.map((task) => ({ value: JSON.stringify(task) }));
    const sending = producer.send({ topic: TOPICS.tasks, messages }).then(() => {
      sent = true;
    });
    // While Kafka is away the sending is repeated until it is back, which is longer than a client may want to wait.
    await Promise.race([sending, Promise.all(replies)]);
    return replies;
  }

  async function close(): Promise<void> {
    await Promise.all([producer.disconnect(), consumer.stop()]);
    // A group that still has a member (of a broken connection, say) cannot be deleted; Kafka forgets it in time.
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  }

  return { ask, close };
}
