/** A histogram whose counts are not observed by this process, but read from the view. */
import { Histogram } from "prom-client";
import { DURATION_BOUNDS, type Durations, entriesOf } from "../../view/durations.ts";

/** All gateways on the same log tell the same, and a restart does not begin at 0 again. */
export class TotalsHistogram extends Histogram {
  readonly #read: () => Durations | undefined;
  readonly #about: { name: string; help: string };

  /** While nothing is known, `read` returns undefined, and nothing is told. */
  constructor(about: { name: string; help: string }, read: () => Durations | undefined) {
    super({ ...about, buckets: [...DURATION_BOUNDS], registers: [] });
    this.#about = about;
    this.#read = read;
  }

  override async get(): ReturnType<Histogram["get"]> {
    const read = this.#read();
    const values = read === undefined ? [] : toValues(this.#about.name, read);
    return { ...this.#about, type: "histogram", values, aggregator: "sum" } as unknown as Awaited<
      ReturnType<Histogram["get"]>
    >;
  }

  /** The registry asks this one, where it is there. */
  getForPromString(): ReturnType<Histogram["get"]> {
    return this.get();
  }
}

function toValues(name: string, durations: Durations) {
  const held = entriesOf(durations);
  const upTo = (seconds: number) =>
    held.reduce((sum, [step, [count]]) => (step <= seconds * 1000 ? sum + count : sum), 0);
  const total = upTo(Number.POSITIVE_INFINITY);
  const buckets = [...DURATION_BOUNDS.map((bound) => [bound, upTo(bound)]), ["+Inf", total]].map(
    ([le, value]) => ({ metricName: `${name}_bucket`, labels: { le: String(le) }, value: Number(value) }),
  );
  const sum = held.reduce((all, [, [, ms]]) => all + ms, 0) / 1000;
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: total },
  ];
}
