/** What became of the tasks, from the view: all gateways on one log tell the same. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Durations } from "../../view/durations.ts";
import { prepared } from "../../view/queries.ts";
import type { View } from "../../view/types.ts";
import type { GatewayContext } from "../context.ts";
import type { QueueReader } from "../queue/queue_reader.ts";
import { TotalsHistogram } from "./totals_histogram.ts";

/** Adds counters and histograms of the tasks, as the view counts them. */
export function addTaskMetrics(registry: Registry, { view }: GatewayContext, reader: QueueReader): void {
  const registers = [registry];
  const isComplete = watchCompleteness(view, reader);
  const total = (name: string) => {
    const row = prepared(view.database, "SELECT value FROM total WHERE name = ?").get(name);
    return (row as { value: string | number } | undefined)?.value;
  };
  const spanOf = (name: "waited" | "worked"): Durations | undefined =>
    isComplete() ? JSON.parse(String(total(name) ?? "{}")) : undefined;
  new Counter({
    name: "iris_tasks_accepted_total",
    help: "Tasks that Kafka has accepted",
    registers,
    collect() {
      this.remove();
      if (isComplete()) this.inc(reader.counted().accepted);
    },
  });
  new Counter({
    name: "iris_tasks_total",
    help: "Tasks that have ended, by what became of them",
    labelNames: ["outcome"],
    registers,
    collect() {
      this.reset();
      if (!isComplete()) return;
      const { answered, failed, cancelled } = reader.counted();
      for (const [outcome, count] of Object.entries({ success: answered, failed, cancelled }))
        this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: "iris_dead_letters_total",
    help: "Messages of tasks that no worker could read",
    registers,
    collect() {
      this.remove();
      if (isComplete()) this.inc(reader.counted().dead);
    },
  });
  for (const [name, span, help] of [
    ["iris_task_queue_seconds", "waited", "Time from accepted to begun"],
    ["iris_task_run_seconds", "worked", "Time that the work on a task took"],
  ] as const)
    registry.registerMetric(new TotalsHistogram({ name, help }, () => spanOf(span)));
  new Gauge({
    name: "iris_tasks_in_flight",
    help: "Tasks that are accepted and have not ended",
    registers,
    collect() {
      const { waiting, in_progress } = reader.read().totals;
      this.set(waiting + in_progress);
    },
  });
  new Gauge({
    name: "iris_oldest_task_seconds",
    help: "Age of the oldest task that has not ended, 0 if there is none",
    registers,
    collect() {
      const now = Date.now();
      this.set(Math.max(0, now - (reader.oldestOpenAt() ?? now)) / 1000);
    },
  });
  new Gauge({
    name: "iris_model_info",
    help: "Versions of the models that answered last; always 1",
    labelNames: ["version"],
    registers,
    collect() {
      this.reset();
      reader.read();
      for (const version of reader.recent.models) this.set({ version }, 1);
    },
  });
  new Gauge({
    name: "iris_view_behind_messages",
    help: "Messages that the gateway's view has still to read",
    registers,
    collect() {
      this.set(view.progress().behind);
    },
  });
}

/**
 * A view that is made anew counts from 0: to Prometheus that would be as many tasks again. So totals are told
 * when it has caught up, and then until it is emptied.
 */
function watchCompleteness(view: View, reader: QueueReader): () => boolean {
  let isComplete = false;
  let last = 0;
  return () => {
    const { accepted } = reader.counted();
    if (accepted < last) isComplete = false;
    last = accepted;
    isComplete ||= view.progress().isCaughtUp;
    return isComplete;
  };
}
