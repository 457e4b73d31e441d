/** For each figure a command that prints the same: the one that the board shows, too. */
import { commandOf } from "../../board/parts/sources.js";

const FIGURES = [
  "accepted",
  "answered",
  "failed",
  "cancelled",
  "dead_letters",
  "stored",
  "waited",
  "worked",
  "waiting",
  "in_progress",
  "oldest_seconds",
] as const;

/** By the figure's name; `origin` is where the gateway is reached. */
export function figureCommands(origin: string): Record<string, string> {
  return Object.fromEntries(FIGURES.map((name) => [name, commandOf(name, origin)]));
}
