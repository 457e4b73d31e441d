/**
 * Shows a class how a server at its limit answers 503: two clients ask at once, one is served, one refused.
 */
import { createProgram, seconds, wholeNumber } from "../../common/cli.ts";
import { runToEnd } from "../harness/cleanup.ts";
import { say } from "./narrate.ts";
import { showRefusal } from "./stage_3.ts";

const options = createProgram(
  "lab/demos/demo_503.ts",
  "Starts stage 3's server with a limit and two clients at once, and checks that one of them gets 503.",
  "npm run demo:503",
)
  .option("--inference-time <s>", "seconds that one inference takes", seconds(0.5, 60), 3)
  .option("--threads <n>", "0 computes on the server's event loop: the claim then fails", wholeNumber(0, 256))
  .parse()
  .opts();

await runToEnd(async () => {
  say("demo", "One server that serves one request at a time, and two clients that ask together.");
  const question = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
  const { held } = await showRefusal({ ...options, question });
  return held ? 0 : 1;
});
