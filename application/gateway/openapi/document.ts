/**
 * The OpenAPI document (3.1), made from the operations: from the very schemas that their routes parse with.
 */
import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { measurementsSchema } from "../../../common/iris.ts";
import {
  type Answer,
  type Example,
  type Fields,
  type Operation,
  problemAnswer,
  problemSchema,
} from "./operation.ts";

/** Of the interface, not of the project. */
const VERSION = "1.0.0";

/** Schemas that stand in many places: the document names them, and refers to them. */
export type NamedSchemas = Readonly<Record<string, v.GenericSchema>>;
const NAMED: NamedSchemas = { Problem: problemSchema, Measurements: measurementsSchema };

/** All operations as one document. `schemas` are named in it, beside those of every gateway. */
export function openApiDocument(operations: readonly Operation[], schemas: NamedSchemas = {}) {
  const definitions = { ...NAMED, ...schemas };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = {
      ...paths[path],
      [operation.method.toLowerCase()]: describeOperation(operation, definitions),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Iris gateway",
      version: VERSION,
      summary: "Ask what species an iris is, over HTTP and through a queue.",
      description:
        "A task is accepted when Kafka has it; workers answer it, now or later. Every error is " +
        "application/problem+json, and its `type` does not change.",
    },
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: toJsonSchemaDefs({ ...definitions }, configFor("input", definitions)) },
  };
}

function describeOperation(operation: Operation, definitions: NamedSchemas) {
  const { id, tag, summary, description, body, answers, examples } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...describeFields("path", operation.params, examples),
      ...describeFields("query", operation.query, examples),
      ...describeFields("header", operation.headers, examples),
    ],
    ...(body === undefined ? {} : { requestBody: describeBody(operation, definitions) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          describeAnswer(answer, examplesOf(examples, "answer", Number(status)), definitions),
        ]),
      ),
      default: describeAnswer(problemAnswer("Any other error."), {}, definitions),
    },
  };
}

const PLACES = { path: "params", query: "query", header: "headers" } as const;

function describeFields(
  place: keyof typeof PLACES,
  fields: Fields | undefined,
  examples: readonly Example[],
) {
  return Object.entries(fields?.entries ?? {}).map(([name, entry]) => {
    // What the text means, not that it is one: a limit is a whole number from 1 to 1,000.
    const { description, ...schema } = convert(entry, "output", {});
    const value = (text: unknown) => (schema.type === "integer" ? Number(text) : text);
    const example = examples.find((given) => given[PLACES[place]]?.[name] !== undefined);
    return {
      name,
      in: place,
      required: !["optional", "exact_optional"].includes(entry.type),
      ...(description === undefined ? {} : { description }),
      schema: { ...schema, ...("default" in schema ? { default: value(schema.default) } : {}) },
      ...(example === undefined ? {} : { example: value(example[PLACES[place]]?.[name]) }),
    };
  });
}

function describeBody({ body, examples }: Operation, definitions: NamedSchemas) {
  if (body === undefined) return {};
  return {
    required: body.optional !== true,
    content: {
      [body.contentType ?? "application/json"]: {
        schema: convert(body.schema, "input", definitions),
        examples: examplesOf(examples, "body"),
      },
    },
  };
}

function describeAnswer(
  { description, schema, contentType, headers = {} }: Answer,
  examples: Record<string, { value: unknown }>,
  definitions: NamedSchemas,
) {
  const type = contentType ?? (schema === undefined ? undefined : "application/json");
  const shape = schema === undefined ? { type: "string" } : convert(schema, "output", definitions);
  return {
    description,
    ...(Object.keys(headers).length === 0 ? {} : { headers: describeHeaders(headers) }),
    ...(type === undefined ? {} : { content: { [type]: { schema: shape, examples } } }),
  };
}

function describeHeaders(headers: NonNullable<Answer["headers"]>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );
}

/** The bodies or answers of the examples, by their names; of one status, where there is one. */
function examplesOf(examples: readonly Example[], part: "body" | "answer", status?: number) {
  return Object.fromEntries(
    examples
      .filter((example) => example[part] !== undefined && (status ?? example.status) === example.status)
      .map((example) => [example.name, { value: example[part] }]),
  );
}

function convert(schema: v.GenericSchema, typeMode: "input" | "output", definitions: NamedSchemas) {
  const { $schema, $defs, ...converted } = toJsonSchema(schema, configFor(typeMode, definitions));
  return converted;
}

function configFor(typeMode: "input" | "output", definitions: NamedSchemas): ConversionConfig {
  return {
    typeMode,
    target: "draft-2020-12",
    definitions: { ...definitions },
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  };
}
