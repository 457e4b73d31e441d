/** What a demonstration of a stage has measured, for the table at the end of the tour. */
export interface RungReport {
  /** Whether every claim held. */
  held: boolean;
  /** From asking to the answer, in seconds; undefined where the asker is not answered. */
  secondsToAnswer?: number;
  questionsPerSecond?: number;
  refused: number;
  lost: number;
  /** How many workers answered; undefined where there are none. */
  workers?: number;
  timeline?: string;
}

/** Seconds since `start`, a time of performance.now(). */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
