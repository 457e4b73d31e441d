/**
 * The options of a worker that shares the work with others: what inference costs, its name, what it prints.
 */
import { hostname } from "node:os";
import { type Command, Option } from "@commander-js/extra-typings";
import { addInferenceOptions } from "./inference.ts";

/** Adds them to a program that has none yet. */
export function addWorkerOptions(program: Command) {
  return addInferenceOptions(program, { threads: 1 })
    .addOption(
      new Option("--name <name>", "shown in logs, results and the group's membership")
        .default(`${hostname()}:${process.pid}`, "host:pid")
        .env("WORKER_NAME"),
    )
    .option("--verbose", "print the whole id of each task")
    .option("--quiet", "do not print a line a task");
}
