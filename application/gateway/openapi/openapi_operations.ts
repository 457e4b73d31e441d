/** The description itself, as it describes itself. */
import * as v from "valibot";
import { text } from "../http/parameters.ts";
import { type Operation, problemAnswer } from "./operation.ts";

export const nameParams = v.strictObject({
  name: v.pipe(text("the name of a problem"), v.description("The end of a problem's `type`.")),
});
const explanationSchema = v.object({
  type: v.pipe(v.string(), v.description("As it stands in the problem.")),
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  explanation: v.string(),
});

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/openapi.json",
    id: "getDescription",
    tag: "service",
    summary: "This document.",
    answers: {
      200: { description: "OpenAPI 3.1.", schema: v.looseObject({ openapi: v.literal("3.1.0") }) },
    },
    examples: [{ name: "all of it", status: 200 }],
  },
  {
    method: "GET",
    path: "/problems/:name",
    id: "explainProblem",
    tag: "service",
    summary: "What a kind of problem means, and what to do.",
    params: nameParams,
    answers: {
      200: { description: "The explanation.", schema: explanationSchema },
      404: problemAnswer("No problem has this name."),
    },
    examples: [
      { name: "bad input", params: { name: "invalid-input" }, status: 200 },
      { name: "no such problem", params: { name: "gone-fishing" }, status: 404 },
    ],
  },
];
