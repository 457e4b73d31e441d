/** A histogram whose counts are not observed by this process, but read from the view. */
import { Histogram } from "prom-client";
import { DURATION_BOUNDS } from "../../view/schema.ts";

export interface TotalCounts {
  /** For each of DURATION_BOUNDS, and for what took longer. */
  counts: readonly number[];
  /** Seconds, all together. */
  sum: number;
}

/** All gateways on the same log tell the same, and a restart does not begin at 0 again. */
export class TotalsHistogram extends Histogram {
  readonly #read: () => TotalCounts | undefined;
  readonly #about: { name: string; help: string };

  /** While nothing is known, `read` returns undefined, and nothing is told. */
  constructor(about: { name: string; help: string }, read: () => TotalCounts | undefined) {
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

function toValues(name: string, { counts, sum }: TotalCounts) {
  let total = 0;
  const buckets = [...DURATION_BOUNDS, "+Inf"].map((le, index) => {
    total += counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le: String(le) }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: total },
  ];
}
