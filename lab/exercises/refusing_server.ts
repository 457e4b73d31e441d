/** The server that stage 3's exercise is checked with, for a student who wants to try it by hand. */
import { Argument } from "@commander-js/extra-typings";
import { loadClassifier } from "../../common/classifier.ts";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import { onShutdown } from "../../common/shutdown.ts";
import { parseScriptedAnswer, type ScriptedAnswer, serveScript } from "./scripted_server.ts";

const program = createProgram(
  "lab/exercises/refusing_server.ts",
  "Gives the answers that you name, one after the other, and then the last one again and again.",
  "npx tsx lab/exercises/refusing_server.ts 503:2 200",
)
  .addArgument(
    new Argument("<answer...>", "200, 422, 503, or 503:2 for a 503 with Retry-After: 2").argParser(
      (text, answers: ScriptedAnswer[] = []) => [...answers, parseScriptedAnswer(text)],
    ),
  )
  .option("--port <n>", "0 takes a free one", wholeNumber(0, 65_535), 8003)
  .parse();
const [answers] = program.processedArgs;

const server = await serveScript(answers, loadClassifier(), program.opts().port);
console.log(`Serves on ${server.url} (pid ${process.pid}, Ctrl-C stops)`);
onShutdown(() => server.close());
