/** What a demonstration of a stage has seen, for the last screen of the tour. */
export interface StageReport {
  /** Whether every claim held. */
  held: boolean;
  /** For one person who asks one question after the other. */
  alone?: { questions: number; seconds: number };
  /** For questions that were asked at the same time. */
  atOnce?: AtOnce;
  /** The same once more, with a worker killed in the middle. */
  withOneKilled?: AtOnce;
  /** How many times as fast the workers were as one of them. */
  speedUp?: { workers: number; factor: number };
}

/** What became of questions that were asked at the same time. */
export interface AtOnce {
  /** The asker was told. */
  answered: number;
  /** The asker was told to come back: nothing was kept. */
  refused: number;
  /** Answered and stored, but the asker was not told. */
  stored: number;
  seconds: number;
}

/** Seconds since `start`, a time of performance.now(). */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
