/** Asks the gateway. Its errors are problem+json: one sentence for people, and the field that was wrong. */

/** An answer of the gateway that is an error, with its problem. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{ detail?: string, title?: string, field?: string } & Record<string, unknown>} problem
   */
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `The gateway answered ${status}.`);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * @template T
 * @param {string} path
 * @param {{ method?: string, body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<T>} Rejects with a Refusal, or with an Error in plain words when nobody answers.
 */
export async function ask(path, { method = "GET", body, signal } = {}) {
  const json =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(path, { method, ...json, ...(signal && { signal }) }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error("The gateway does not answer.", { cause: error });
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}
