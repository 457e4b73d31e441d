/** One reading of the topics, from the positions in the database on. */
import { prepareRules, type Rules } from "./apply.ts";
import { BatchWriter } from "./batch_writer.ts";
import type { FollowOptions } from "./follow_log.ts";
import { readLog } from "./log_reader.ts";
import { Owners } from "./owners.ts";
import { ReadPositions } from "./positions.ts";
import { type TopicEnds, toPositions } from "./topic_ends.ts";
import type { ReadTopic } from "./types.ts";
import type { ViewGroups } from "./view_groups.ts";

export interface Reading {
  rules: Rules;
  owners: Owners;
  positions: ReadPositions;
  writer: BatchWriter;
  /** Resolves when nothing is read and written any more. */
  stop(): Promise<void>;
}

export interface ReadingOptions extends FollowOptions {
  groups: ViewGroups;
  /** Where the topics begin and end now. */
  ends: TopicEnds;
  /** This topic is not the one that was read before. */
  onOther(topic: ReadTopic): void;
  onFailure(error: unknown): void;
}

/** Begins to read, and returns at once. */
export function startReading(options: ReadingOptions): Reading {
  const { kafka, database, topics, keepMs, groups, ends, isWaitedFor, tell, onOther, onFailure } = options;
  const rules = prepareRules(database, topics, keepMs);
  const positions = new ReadPositions(database, topics);
  for (const [topic, partitions] of ends)
    for (const [partition, { low }] of partitions) positions.startAt(topic, partition, low);
  tell({ kind: "committed", positions: positions.confirmed(), ids: [] });
  tell({ kind: "ends", ask: undefined, ends: toPositions(ends) });
  const writer = new BatchWriter({
    ...{ database, rules, positions, isWaitedFor, onFailure },
    onWritten: (written, ids) => tell({ kind: "committed", positions: written, ids }),
  });
  const reader = readLog({
    ...{ kafka, topics, positions, writer, onOther },
    newGroup: (topic) => groups.create(topic),
    lowOf: (topic, partition) => ends.get(topic)?.get(partition)?.low ?? 0,
  });
  let isStopped = false;
  reader.finished.catch((error) => {
    if (!isStopped) onFailure(error);
  });
  return {
    ...{ rules, owners: new Owners(database), positions, writer },
    async stop() {
      await reader.stop();
      // A consumer that did not end in time is not to write any more.
      isStopped = true;
      writer.stop();
    },
  };
}
