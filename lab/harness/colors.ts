/** Colours for what a person reads: on a terminal alone, and never with NO_COLOR (https://no-color.org). */
import pc from "picocolors";

/** picocolors decides by itself only when it is imported, and then colours a pipe too where CI is set. */
export function colors(stream: { isTTY?: boolean } = process.stdout, env = process.env) {
  return pc.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
}
