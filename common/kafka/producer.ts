/**
 * Sends messages: what is sent at the same moment travels together, and no request is larger than a
 * broker takes.
 */
import type { Kafka } from "kafkajs";
import { explainRefusal, isOutage, KafkaError } from "./errors.ts";
import { createPartitioner, type Partitions } from "./partitioner.ts";
import {
  type OutgoingMessage,
  type Place,
  type Request,
  type Sending,
  sendRequest,
  takeRequest,
} from "./produce_request.ts";

export type { OutgoingMessage, Place } from "./produce_request.ts";

/**
 * Kafka has not confirmed all messages in time. `places` are those of the first ones, which it has. The
 * others may have arrived, or not.
 */
export class NotConfirmed extends KafkaError {
  readonly places: readonly Place[];

  constructor(message: string, places: readonly Place[], options: { cause?: unknown } = {}) {
    super("unreachable", message, options);
    this.places = places;
  }
}

export interface ProducerOptions {
  /**
   * When Kafka has confirmed none of its messages for so many milliseconds, a send is rejected with
   * NotConfirmed, and what of it has not left yet is never sent. Without it a send waits through an outage.
   */
  giveUpAfterMs?: number;
}

/** For one send. */
export interface SendLimit extends ProducerOptions {
  /** As `giveUpAfterMs`, but for the whole send, also while Kafka goes on confirming parts of it. */
  limitMs?: number;
}

export interface Producer {
  /**
   * Resolves when every in-sync replica has the messages, with the place of each, in their order.
   * Through an outage it waits, or gives up as its options say; throws ProgramError when Kafka refuses them.
   * `limit` is for this send alone.
   */
  send(topic: string, messages: readonly OutgoingMessage[], limit?: SendLimit): Promise<Place[]>;
  disconnect(): Promise<void>;
}

/** `throughOutages` repeats what failed because no broker answered; `onSent` is told of each success. */
export async function connectProducer(
  kafka: Kafka,
  throughOutages: <T>(attempt: () => Promise<T>) => Promise<T>,
  onSent: () => void,
  options: ProducerOptions = {},
): Promise<Producer> {
  const partitions: Partitions = new WeakMap();
  const producer = kafka.producer({
    createPartitioner: () => createPartitioner(partitions, throwIfLate),
    allowAutoTopicCreation: false,
    // Uses raised partitions within 2 s; by default after up to 5 minutes.
    metadataMaxAge: 2000,
  });
  await throughOutages(() => producer.connect());

  const waiting: Sending[] = [];
  let travelling: Request = [];
  /** Whether somebody has given up on what travels. */
  let isLate = false;
  let isFlushing = false;

  /** Called before each try: what somebody was told is not confirmed must not arrive after an outage. */
  function throwIfLate(): void {
    if (isLate) throw new Error("This request is stale"); // A word that the log takes for expected.
  }

  /** One request after the other. What comes meanwhile waits, and goes with the next one. */
  async function flush(): Promise<void> {
    isFlushing = true;
    // Whoever sends in this turn of the event loop is still to be heard.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      travelling = takeRequest(waiting);
      isLate = false;
      try {
        await sendRequest(producer, partitions, travelling);
        onSent();
      } catch (error) {
        if (isLate) putBack(travelling);
        else refuse(travelling, error);
        continue;
      }
      for (const { sending } of travelling) {
        // Many messages take several requests: as long as Kafka answers, they have time.
        if (!sending.isLimited) sending.timer?.refresh();
        if (sending.places.length < sending.messages.length) continue;
        clearTimeout(sending.timer);
        sending.resolve(sending.places);
      }
    }
    isFlushing = false;
  }

  /** Those who still have time go with the next request. */
  function putBack(request: Request): void {
    const rest = request.map(({ sending }) => sending).filter((sending) => !sending.isOver);
    waiting.unshift(...rest.filter((sending) => !waiting.includes(sending)));
  }

  function refuse(request: Request, error: unknown): void {
    for (const { sending } of request) end(sending, whyNotSent(error, sending));
  }

  /** What of it waits is not sent any more. */
  function end(sending: Sending, reason: Error): void {
    const index = waiting.indexOf(sending);
    if (index >= 0) waiting.splice(index, 1);
    clearTimeout(sending.timer);
    sending.isOver = true;
    sending.reject(reason);
  }

  /** Also when a broker accepts the request and stays silent. */
  function giveUp(sending: Sending): void {
    if (travelling.some((part) => part.sending === sending)) isLate = true;
    end(sending, new NotConfirmed("Kafka has not answered in time", [...sending.places]));
  }

  return {
    send(topic, messages, { giveUpAfterMs, limitMs }: SendLimit = options) {
      if (messages.length === 0) return Promise.resolve([]);
      return new Promise<Place[]>((resolve, reject) => {
        const isLimited = limitMs !== undefined;
        const sending: Sending = { topic, messages, places: [], isOver: false, isLimited, resolve, reject };
        waiting.push(sending);
        const patience = limitMs ?? giveUpAfterMs;
        if (patience !== undefined) sending.timer = setTimeout(() => giveUp(sending), patience);
        if (!isFlushing) void flush();
      });
    },
    disconnect: () => producer.disconnect(),
  };
}

/** A refusal, or for a producer that gives up: an outage. */
function whyNotSent(error: unknown, { topic, places }: Sending): Error {
  if (!isOutage(error)) return explainRefusal(error, `messages to ${topic}`);
  return new NotConfirmed("Kafka does not answer", places, { cause: error });
}
