/** What a person reads of the application: each line begins with the role that it is about. */
import { printable } from "../../common/printable.ts";

/** As wide as "persister". */
const NAME_WIDTH = 9;

/** A line of a role, or about it. */
export function tell(name: string, text: string): void {
  console.log(format(name, text));
}

/** The same for what went wrong. */
export function tellTrouble(name: string, text: string): void {
  console.error(format(name, text));
}

function format(name: string, text: string): string {
  return `${name.padEnd(NAME_WIDTH)}  ${printable(text)}`;
}
