/** What the doctor says about one thing. */

/** A cross is for what somebody has to mend; what is missing and not needed is a tick that says so. */
export interface Finding {
  name: string;
  ok: boolean;
  /** One line. */
  detail: string;
  /** The one command that mends a cross; with a tick, the one that may be wanted next. */
  mend?: string;
  /** Stages that cannot run because of this cross. */
  blocks?: { stages: readonly number[]; because: string };
}

/** The result, or undefined when it is not there within so many milliseconds: a doctor must not hang with the patient. */
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
