/** Name-based UUIDs. */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { uuid5 } from "./uuid5.ts";

test("the example of RFC 9562, A.4", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  expect(uuid5(dns, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
});

test("other names, other ids; each of version 5 and of the variant of the RFC", () => {
  const namespace = randomUUID();
  const ids = Array.from({ length: 1000 }, (_, index) => uuid5(namespace, String(index)));
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuid5(namespace, "17")).toBe(ids[17]);
});
