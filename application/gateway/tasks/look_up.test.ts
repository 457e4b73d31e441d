/** Who waits for a task: until it is as wanted, and not after its client is gone. */
import { expect, test } from "vitest";
import { newView } from "../../../tests/support/view_log.ts";
import type { View } from "../../view/types.ts";
import { waitFor } from "./look_up.ts";

/** A view in which nothing ever changes. */
function stillView(): View {
  const changed: View["changed"] = (_, signal) =>
    new Promise((_, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  return { database: newView().database, changed } as Partial<View> as View;
}

test.each([
  ["before the wait", AbortSignal.abort()],
  ["while it waits", AbortSignal.timeout(10)],
])("a client that is gone %s is not waited for", async (_, signal) => {
  expect(await waitFor(stillView(), "nobody's", () => true, 3600, signal)).toBeUndefined();
});
