/** Asks Kafka about the queue, again and again, and remembers what changed. */
import type { KafkaConnection } from "../../../common/kafka/client.ts";
import { SESSION_MS } from "../../../common/kafka/keep_alive.ts";
import { plural } from "../../../common/plural.ts";
import type { View } from "../../view/types.ts";
import { askKafka, findMissingTopics, type KafkaAnswer } from "./ask_kafka.ts";
import { GroupHistory } from "./group_history.ts";
import type { LaneSeen, QueueSeen, QueueWatch } from "./queue_watch.ts";

/** A question takes 4 to 12 ms. */
const FOLLOWED_MS = 250;
const ALONE_MS = 1000;
/** After so long without an answer Kafka counts as away, though kafkajs still waits for it. */
const LIMIT_MS = 2500;

/** Looks until close(). The view is told of each look's owners. */
export function watchQueue(kafka: KafkaConnection, view: Pick<View, "setOwners">): QueueWatch {
  const history = new GroupHistory();
  const listeners = new Set<(seen: QueueSeen) => void>();
  let followers = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let asking: Promise<void> | undefined;
  let lanes: KafkaAnswer["lanes"] = [];
  let seen: QueueSeen = {
    as_of: 0,
    kafka: "away",
    problem: "Kafka has not been asked yet",
    hasHiddenWorkers: false,
    lanes: [],
    workers: [],
    rebalances: [],
    persisters: { members: 0, waiting: 0 },
    groups: [],
  };

  function publish(changes: Partial<QueueSeen>): void {
    const { problem, ...before } = { ...seen, ...changes };
    const now: QueueSeen = {
      ...before,
      ...(changes.problem === undefined ? {} : { problem: changes.problem }),
      lanes: lanes.map((lane) => describeLane(lane, history)),
      workers: history.workers(),
      rebalances: history.rebalances,
    };
    const isNew = JSON.stringify({ ...now, as_of: 0 }) !== JSON.stringify({ ...seen, as_of: 0 });
    seen = now;
    if (isNew) for (const listener of listeners) listener(seen);
  }

  async function ask(): Promise<void> {
    try {
      const answer = await askKafka(kafka).catch(tellProblem);
      if (answer !== undefined) take(answer);
    } finally {
      asking = undefined;
    }
  }

  function take(answer: KafkaAnswer): void {
    const at = Date.now();
    lanes = answer.lanes;
    history.see(at, answer.workers, partitionsOf(lanes));
    view.setOwners(history.owners);
    const { hasHiddenMembers: hasHiddenWorkers } = answer.workers;
    const { persisters, groups } = answer;
    publish({ as_of: at, kafka: "up", hasHiddenWorkers, persisters, groups });
  }

  async function tellProblem(error: unknown): Promise<undefined> {
    const missing = await findMissingTopics(kafka, error);
    if (missing.length === 0) publish({ kafka: "away", problem: firstLine(error) });
    else publish({ as_of: Date.now(), kafka: "up", problem: describeMissing(missing) });
  }

  /** Resolves with the answer, or when it takes too long: the question then stays open. */
  async function look(): Promise<void> {
    asking ??= ask();
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      limit = setTimeout(() => resolve("late"), LIMIT_MS);
    });
    const first = await Promise.race([asking, late]);
    clearTimeout(limit);
    if (first === "late") publish({ kafka: "away", problem: `No answer within ${LIMIT_MS / 1000} s` });
  }

  async function lookAgain(): Promise<void> {
    clearTimeout(timer);
    await look();
    clearTimeout(timer);
    if (isClosed) return;
    timer = setTimeout(() => void lookAgain(), followers > 0 ? FOLLOWED_MS : ALONE_MS);
  }

  void lookAgain();
  return {
    seen: () => seen,
    async look() {
      await asking; // It may have begun before what the caller wants to see.
      await look();
      return seen;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow() {
      followers += 1;
      if (followers === 1) void lookAgain();
      let isFollowing = true;
      return () => {
        if (isFollowing) followers -= 1;
        isFollowing = false;
      };
    },
    tell(worker) {
      history.tell(Date.now(), worker);
      view.setOwners(history.owners);
      publish(seen.problem === undefined ? {} : { problem: seen.problem });
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, LIMIT_MS).unref())]);
    },
  };
}

/** Seconds after which the group gives up a silent worker. */
export const SESSION_SECONDS = SESSION_MS / 1000;

function partitionsOf(lanes: KafkaAnswer["lanes"]): number[] {
  return lanes.map(({ partition }) => partition);
}

function describeLane(
  { partition, next, end }: KafkaAnswer["lanes"][number],
  history: GroupHistory,
): LaneSeen {
  const owner = history.owners.get(partition);
  const since = history.unownedSince(partition);
  return {
    partition,
    ...(owner === undefined ? {} : { owner }),
    ...(owner !== undefined || since === undefined ? {} : { unowned_since: since }),
    committed: next,
    end,
  };
}

function describeMissing(missing: readonly string[]): string {
  const topics = `${plural(missing.length, "topic")} missing (${missing.join(", ")})`;
  return `${topics}: this makes them again: npx tsx 5_task_queue/kafka_setup.ts`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
