/**
 * The loop of a worker: it takes tasks from its partitions, has each one answered, and sends many answers
 * together. A task that takes long is done alone, and committed at once.
 */
import { parseTask, type Task } from "../messages.ts";
import type { KafkaConnection } from "./client.ts";
import type { Batch, Message, RunningConsumer } from "./consume_plan.ts";
import { sendDeadLetter } from "./dead_letters.ts";
import { keepAlive } from "./keep_alive.ts";
import type { OutgoingMessage, Producer } from "./producer.ts";

/** Answers go out when there are so many, or when the oldest has waited so long. */
const ANSWERS_AT_ONCE = 200;
const LONGEST_WAIT_MS = 20;
/** A task that took so long is committed as soon as it is answered. */
const LONG_TASK_MS = 20;
/**
 * Short tasks are committed together, beside the work: an awaited commit stands before the next fetch. An
 * idle fetch holds back a commit on its connection, so both times together are the time whose tasks kill -9
 * makes come again.
 */
const COMMIT_MS = 30;
const IDLE_FETCH_MS = 70;
/** More than a topic of this project has. */
const ALL_PARTITIONS = 256;

export interface TaskPlan {
  /** Seconds that one task may take. */
  longestTask: number;
  /** Called whenever the group has dealt out the partitions. */
  onAssigned(partitions: number[]): void;
  /** The message for `results`. Only one task at a time is answered; one that cannot be read is set aside. */
  answer(task: Task, message: Message): Promise<OutgoingMessage>;
  /**
   * Sends the answers, and calls commit() when Kafka has them: these tasks then do not come again. Their
   * offsets are committed at once after a long task, otherwise within 100 ms.
   */
  deliver(answers: OutgoingMessage[], commit: () => void): Promise<void>;
}

/** Joins the group of the workers and answers tasks until stop(). */
export function answerTasks(kafka: KafkaConnection, producer: Producer, plan: TaskPlan): RunningConsumer {
  const commits = new Commits();
  let lastTurn: Promise<unknown> = Promise.resolve();

  /**
   * Partitions are worked on at the same time, and yet a worker does one task after the other. A turn is some
   * tasks of one partition: their answers travel while another partition has its turn.
   */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(work);
    lastTurn = turn.catch(() => {});
    return turn;
  }

  async function answerMessage(message: Message): Promise<OutgoingMessage | undefined> {
    const task = parseTask(message.value);
    if (task.ok) return plan.answer(task.value, message);
    return sendDeadLetter(kafka, producer, message, task);
  }

  async function answerBatch(batch: Batch): Promise<void> {
    let answers: OutgoingMessage[] = [];
    let done: string | undefined;
    let next = 0;
    let delivery = Promise.resolve();
    let isComplete = false;

    /** Delivers what is answered, when what went before has arrived; does not wait until this has. */
    async function deliver(): Promise<void> {
      await delivery;
      if (done === undefined) return;
      const [ready, offset] = [answers, done];
      [answers, done] = [[], undefined];
      delivery = plan.deliver(ready, () => {
        batch.resolve(offset);
        commits.soon(batch);
      });
      delivery.catch(() => {}); // Whoever awaits it next is told.
    }

    /** Answers until the answers should go out, or the batch is to be left. Milliseconds of the last task. */
    async function answerSome(): Promise<number> {
      const since = performance.now();
      for (;;) {
        const message = batch.messages[next];
        if (message === undefined || !batch.isCurrent()) return 0;
        // Throws when a worker has come or gone: it need not wait for the whole batch.
        await batch.heartbeat();
        const start = performance.now();
        const work = () => answerMessage(message);
        const answer = plan.longestTask > 0 ? await keepAlive(batch.heartbeat, work) : await work();
        if (answer !== undefined) answers.push(answer);
        done = message.offset;
        next += 1;
        const now = performance.now();
        const isDue = answers.length >= ANSWERS_AT_ONCE || now - since >= LONGEST_WAIT_MS;
        if (isDue || now - start >= LONG_TASK_MS) return now - start;
      }
    }

    try {
      while (next < batch.messages.length && batch.isCurrent()) {
        const took = await inTurn(answerSome);
        await deliver(); // The next tasks are done while these answers travel.
        if (took < LONG_TASK_MS) continue;
        await delivery;
        await batch.commit();
      }
      isComplete = next === batch.messages.length;
    } finally {
      await deliver();
      await delivery;
      // The partitions are about to go to another worker.
      if (!isComplete || !batch.isCurrent()) await commits.now();
    }
  }

  return kafka.consume({
    groupId: kafka.groups.workers,
    topic: kafka.topics.tasks,
    // A queue does not skip what was sent before the first worker came.
    fromBeginning: true,
    longestTask: plan.longestTask,
    partitionsAtOnce: ALL_PARTITIONS,
    maxWait: IDLE_FETCH_MS,
    onAssigned: plan.onAssigned,
    onRevoked: () => commits.now(),
    eachBatch: answerBatch,
  });
}

/** Commits that are due within COMMIT_MS, one for many batches. */
class Commits {
  #batch: Batch | undefined;
  #timer: NodeJS.Timeout | undefined;

  soon(batch: Batch): void {
    this.#batch = batch;
    this.#timer ??= setTimeout(() => void this.now(), COMMIT_MS);
  }

  /**
   * What a commit that fails leaves uncommitted is in the next one, or comes again: to this or another
   * worker.
   */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    this.#batch = undefined;
    await batch?.commit().catch(() => {});
  }
}
