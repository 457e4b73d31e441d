/** The board's pages, as the document describes them. */
import type { Operation } from "./openapi/operation.ts";

const page = { 200: { description: "A page.", contentType: "text/html" } };

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/",
    id: "getBoard",
    tag: "board",
    summary: "The board: the queue as it moves.",
    answers: page,
    examples: [{ name: "the board", status: 200 }],
  },
  {
    method: "GET",
    path: "/wall",
    id: "getWall",
    tag: "board",
    summary: "The same for a projector: larger, without controls.",
    answers: page,
    examples: [{ name: "the wall", status: 200 }],
  },
];
