import { logLevel } from "kafkajs";
import { expect, test, vi } from "vitest";
import { ConnectionLog } from "./log.ts";

/** A log, what it has said, and a way to let kafkajs log a line. */
function openLog() {
  const said: string[] = [];
  const log = new ConnectionLog((line) => said.push(line));
  const write = log.creator(logLevel.WARN);
  const tell = (message: string, error?: string) =>
    write({
      namespace: "",
      level: logLevel.ERROR,
      label: "ERROR",
      log: { timestamp: "", logger: "", message, ...(error === undefined ? {} : { error }) },
    });
  return { said, log, tell };
}

test("an outage is one line, and its end another", () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  try {
    const { said, log, tell } = openLog();
    for (let line = 0; line < 14; line += 1) tell("Connection error: connect ECONNREFUSED 127.0.0.1:9092");
    expect(said).toEqual(["Kafka is not reachable, retrying"]);
    log.success(); // Another broker of the cluster: the one that is away may still be tried.
    tell("Connection timeout");
    vi.advanceTimersByTime(4900);
    expect(said).toHaveLength(1);
    log.success();
    vi.advanceTimersByTime(5000);
    expect(said.slice(1)).toEqual(["Kafka is reachable again"]);
    log.success();
    tell("Closed connection");
    expect(said.slice(2)).toEqual(["Kafka is not reachable, retrying"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a topic that is unknown for a moment is nothing to tell, one that stays unknown is", () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  try {
    const { said, log, tell } = openLog();
    tell("Response Metadata", "This server does not host this topic-partition");
    vi.advanceTimersByTime(2900);
    tell("Response Metadata", "This server does not host this topic-partition");
    expect(said).toEqual([]);
    vi.advanceTimersByTime(200);
    tell("Response Metadata", "This server does not host this topic-partition");
    expect(said).toEqual([expect.stringMatching(/^Kafka has no such topic any more/)]);
    vi.advanceTimersByTime(5000);
    log.success();
    expect(said.slice(1)).toEqual(["The topic is there again"]);
  } finally {
    vi.useRealTimers();
  }
});

test("what is expected, and what is refused, is told elsewhere or not at all", () => {
  const { said, log, tell } = openLog();
  tell("Response Heartbeat", "The group is rebalancing, so a rejoin is needed");
  tell("Consumer is not aware of all assigned partitions, refreshing metadata");
  tell("The group coordinator is not available");
  tell("Response Produce", "This record has failed the validation on broker and hence be rejected");
  tell("Response JoinGroup", "Not authorized to access group");
  expect(said).toEqual([]);
  expect(log.refusal).toBe("Not authorized to access group");
});

test("anything else is one line", () => {
  const { said, tell } = openLog();
  tell("Offset out of range, resetting to default offset\nwith a stack");
  expect(said).toEqual(["Kafka: Offset out of range, resetting to default offset"]);
});
