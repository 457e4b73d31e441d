/** What the doctor says about one thing. */

/** What is missing and not needed is ok, and its detail says so. */
export interface Check {
  name: string;
  ok: boolean;
  /** Nothing is broken, but something waits for somebody. */
  warning?: true;
  /** One line. */
  detail: string;
  /** The one command that fixes it; where nothing is wrong, the one that may be wanted next. */
  fix?: string;
  /** Where more of it is to be seen: a command, and a few words. */
  see?: string;
  /** Stages that cannot run because of this cross. */
  blocks?: { stages: readonly number[]; because: string };
}

/** The result, or undefined when it is not there within so many milliseconds. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
