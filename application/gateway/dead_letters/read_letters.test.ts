/** Dead letters from the view's table: pages, newest first, and no more of a large one than a list shows. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../../common/sqlite.ts";
import { TABLES } from "../../view/schema.ts";
import { findLetter, type LetterCursor, listLetters, SHOWN_BYTES, toJson } from "./read_letters.ts";

let database: Database;
beforeEach(() => {
  database = openDatabase(":memory:");
  database.exec(TABLES);
});
afterEach(() => database.close());

interface Letter {
  partition?: number;
  offset: number;
  at?: number;
  key?: Buffer | null;
  value?: Buffer | null;
  headers?: Record<string, string[]>;
  replayed_as?: string | null;
}

function add({
  partition = 0,
  offset,
  at = 1000,
  key = null,
  value = null,
  headers = {},
  ...rest
}: Letter): void {
  database
    .prepare(`INSERT INTO dead_letter VALUES (?, ?, ?, 'no', 3, 17, ?, ?, ?, ?)`)
    .run(partition, offset, at, key, value, JSON.stringify(headers), rest.replayed_as ?? null);
}

test("pages hold each letter once, the newest first, whatever partition it lies in", async () => {
  for (let offset = 0; offset < 7; offset += 1) {
    add({ partition: 0, offset, at: 1000 + offset });
    add({ partition: 1, offset, at: 1003 });
  }
  const seen: string[] = [];
  let next: LetterCursor | undefined;
  do {
    const page = await listLetters(database, 4, next);
    seen.push(...page.letters.map(({ partition, offset }) => `${partition}/${offset}`));
    next = page.next;
  } while (next !== undefined);
  const middle = [6, 5, 4, 3, 2, 1, 0].map((offset) => `1/${offset}`);
  expect(seen).toEqual(["0/6", "0/5", "0/4", ...middle, "0/3", "0/2", "0/1", "0/0"]);
  expect(await listLetters(database, 14)).not.toHaveProperty("next");
  expect((await listLetters(database, 13)).next).toEqual({ at: 1001, partition: 0, offset: 1 });
});

test("what is not known is left out; a time that is none, too", () => {
  add({ offset: 0, at: -1 });
  add({ offset: 1, at: 9e15 });
  const reason = "no";
  const original = { partition: 3, offset: 17 };
  const json = (offset: number) => {
    const letter = findLetter(database, { partition: 0, offset });
    return letter && toJson(letter);
  };
  const rest = { partition: 0, reason, original, headers: {} };
  expect(json(0)).toEqual({ offset: 0, set_aside_at: "1969-12-31T23:59:59.999Z", ...rest });
  expect(json(1)).toEqual({ offset: 1, ...rest });
  expect(json(2)).toBeUndefined();
});

test("a large letter is cut in a list, and whole by itself", async () => {
  const headers = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`h${index}`, ["x"]]));
  const value = Buffer.from("ä".repeat(2 ** 19));
  add({ offset: 0, value, key: Buffer.from([0xff]), headers, replayed_as: "id" });
  const [listed] = (await listLetters(database, 1)).letters;
  expect(listed).toEqual({
    ...{ partition: 0, offset: 0, set_aside_at: "1970-01-01T00:00:01.000Z", reason: "no" },
    original: { partition: 3, offset: 17 },
    size: 2 ** 20,
    value: { text: "ä".repeat(SHOWN_BYTES / 2), is_cut: true },
    key: { hex: "ff" },
    replayed_as: "id",
  });
  const letter = findLetter(database, { partition: 0, offset: 0 });
  expect(letter && toJson(letter)).toMatchObject({ value: { text: value.toString() }, headers });
});
