/** The OpenAPI document by itself: it is valid, and its examples are what its schemas ask for. */
import { Validator } from "@seriousme/openapi-schema-validator";
import * as v from "valibot";
import { expect, test } from "vitest";
import { openApiDocument } from "./document.ts";
import { problemSchema } from "./operation.ts";
import { OPERATIONS, SCHEMAS } from "./operations.ts";

const NAMED = OPERATIONS.map((operation) => ({
  ...operation,
  name: `${operation.method} ${operation.path}`,
}));

test("the document is valid OpenAPI 3.1, as JSON too", async () => {
  const document = JSON.parse(JSON.stringify(openApiDocument(OPERATIONS, SCHEMAS)));
  const { valid, errors } = await new Validator().validate(document);
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  expect(document.openapi).toBe("3.1.0");
});

test("no two operations have the same id, or the same path and method", () => {
  expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length);
  expect(new Set(NAMED.map(({ name }) => name)).size).toBe(OPERATIONS.length);
});

test.each(NAMED)("$name: its examples fit its schemas", ({ params, query, body, answers, examples }) => {
  expect(examples.length).toBeGreaterThan(0);
  expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length);
  for (const example of examples) {
    const answer = answers[example.status];
    expect(answer, `the status ${example.status} of "${example.name}"`).toBeDefined();
    const isGood = example.status < 400;
    if (example.answer !== undefined) expectFit(answer?.schema, example.answer, "the answer");
    if (!isGood) continue;
    if (params !== undefined) expectFit(params, example.params ?? {}, "params");
    if (query !== undefined) expectFit(query, example.query ?? {}, "query");
    if (example.body !== undefined) expectFit(body?.schema, example.body, "the body");
  }
});

test("every problem of an operation is described by the schema of problems", () => {
  for (const { answers } of OPERATIONS) {
    const problems = Object.entries(answers).filter(([status]) => Number(status) >= 400);
    for (const [, { schema, contentType }] of problems)
      if (contentType === "application/problem+json") expect(schema).toBe(problemSchema);
  }
});

function expectFit(schema: v.GenericSchema | undefined, value: unknown, what: string): void {
  const parsed = v.safeParse(schema ?? v.never(), value);
  expect(parsed.issues, `${what}: ${JSON.stringify(value)}`).toBeUndefined();
}
