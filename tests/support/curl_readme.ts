/**
 * Runs the curl commands of a README against a gateway, one after the other, and compares what they print
 * with what the README says. An id that the README shows stands for the id that came in its place.
 */
import { execa } from "execa";
import { type Command, readCommands } from "./readme.ts";

const UUID = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/g;

/** What differs from run to run. */
function normalize(text: string): string {
  return text
    .trim()
    .replaceAll("\r", "")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/"(partition|offset|duration_ms|position|eta_seconds|attempts)":[\d.]+/g, '"$1":N')
    .replace(/,\d+,\d+$/gm, ",N,N") // A line of CSV ends with partition and offset.
    .replace(/worker-\d/g, "WORKER");
}

/** As a pattern: `...` stands for anything. */
function toPattern(text: string): RegExp {
  return new RegExp(`^${normalize(text).split("...").map(escapePattern).join("[^]*?")}$`);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The number of commands. Throws where something else is printed than promised. */
export async function playCurl(readme: string, url: string): Promise<number> {
  const commands = readCommands(readme).filter(({ line }) => line.startsWith("curl "));
  const ids = new Map<string, string>();
  for (const command of commands) await play(command, url, ids);
  return commands.length;
}

async function play({ line, output }: Command, url: string, ids: Map<string, string>): Promise<void> {
  if (output.join("").replaceAll("...", "").trim() === "")
    throw new Error(`Expected a page to show what is printed, got "${output.join("\n")}":\n$ ${line}`);
  const real = (text: string) => text.replace(UUID, (id) => ids.get(id) ?? id);
  const shell = real(line).replaceAll("http://localhost:8080", url);
  const promised = output.join("\n");
  // "PENDING" a moment ago may be "SUCCESS" now, and the page says what it becomes: so it is asked again.
  for (let tries = 100; ; tries -= 1) {
    const { stdout } = await execa("sh", ["-c", shell], { reject: false });
    const shown = new Map(ids);
    const printed = stdout.match(UUID) ?? [];
    const fresh = (promised.match(UUID) ?? []).filter((id) => !ids.has(id));
    const known = new Set(ids.values());
    const unknown = printed.filter((id) => !known.has(id));
    for (const [index, id] of [...new Set(fresh)].entries())
      shown.set(id, [...new Set(unknown)][index] ?? id);
    const expected = promised.replace(UUID, (id) => shown.get(id) ?? id);
    if (toPattern(expected).test(normalize(withoutOtherHeaders(stdout, expected)))) {
      for (const [id, value] of shown) ids.set(id, value);
      return;
    }
    const asksOnly = !/ -(d|X|-data)/.test(line);
    if (tries === 0 || !asksOnly)
      throw new Error(`$ ${shell}\nshould print\n${expected}\nbut printed\n${stdout}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** With `curl -i` the page shows some of the headers. */
function withoutOtherHeaders(printed: string, expected: string): string {
  if (!printed.startsWith("HTTP/")) return printed;
  const lines = printed.replaceAll("\r", "").split("\n");
  const end = lines.indexOf("");
  const names = expected.split("\n").map((text) => text.split(":")[0]?.toLowerCase());
  const head = lines.slice(1, end).filter((text) => names.includes(text.split(":")[0]?.toLowerCase()));
  const order = (text: string) => names.indexOf(text.split(":")[0]?.toLowerCase());
  return [lines[0], ...head.sort((a, b) => order(a) - order(b)), ...lines.slice(end)].join("\n");
}
