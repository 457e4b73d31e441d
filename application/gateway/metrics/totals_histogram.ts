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
  readonly #read: () => TotalCounts;
  readonly #about: { name: string; help: string };

  constructor(about: { name: string; help: string }, read: () => TotalCounts) {
    super({ ...about, buckets: [...DURATION_BOUNDS], registers: [] });
    this.#about = about;
    this.#read = read;
  }

  override async get(): ReturnType<Histogram["get"]> {
    const { name } = this.#about;
    const { counts, sum } = this.#read();
    let total = 0;
    const buckets = [...DURATION_BOUNDS, "+Inf"].map((le, index) => {
      total += counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le: String(le) }, value: total };
    });
    const values = [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: total },
    ];
    return { ...this.#about, type: "histogram", values, aggregator: "sum" } as unknown as Awaited<
      ReturnType<Histogram["get"]>
    >;
  }

  /** The registry asks this one, where it is there. */
  getForPromString(): ReturnType<Histogram["get"]> {
    return this.get();
  }
}
