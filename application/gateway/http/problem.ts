/** Errors over HTTP: application/problem+json (RFC 9457). */
import { inspect } from "node:util";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { InputError, ProgramError } from "../../../common/errors.ts";
import { KafkaError } from "../../../common/kafka/errors.ts";
import { printable, printableLines } from "../../../common/printable.ts";
import { PROBLEM_TYPES, type ProblemType } from "./problem_types.ts";

/** Seconds after which a client may try again while Kafka is away. */
const RETRY_AFTER = "2";

export interface ProblemOptions extends ErrorOptions {
  /** Members of the body beside type, title, status and detail. */
  extra?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

/** An error that is answered as it is. `detail` says what was expected, what came, and what to do next. */
export class Problem extends Error {
  readonly type: ProblemType;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    type: ProblemType,
    detail: string,
    { extra = {}, headers = {}, ...options }: ProblemOptions = {},
  ) {
    super(detail, options);
    this.type = type;
    this.extra = extra;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEM_TYPES[this.type][0];
  }

  /** The body of the answer. */
  toJSON(): Record<string, unknown> {
    const [status, title] = PROBLEM_TYPES[this.type];
    return { type: `/problems/${this.type}`, title, status, detail: this.message, ...this.extra };
  }
}

/** A value from outside that is not what the schema asks for; `index` is its place in a list. */
export function invalidInput(error: InputError, index?: number): Problem {
  const { field, expected, got, message } = error;
  const detail = index === undefined ? message : `Task ${index}: ${message}`;
  const extra = { field, expected, got, ...(index === undefined ? {} : { index }) };
  return new Problem("invalid-input", detail, { extra, cause: error });
}

/** Fastify's names for what it refuses by itself. */
const FASTIFY_ERRORS: Record<string, [ProblemType, detail: string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["too-large", "Expected a body of at most 4 MB"],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["malformed-json", "Expected a JSON body, got none"],
  FST_ERR_CTP_INVALID_JSON_BODY: ["malformed-json", "Expected a JSON body, but it could not be parsed"],
  FST_ERR_BAD_URL: ["bad-request", "Expected a path with valid percent-encoding"],
  FST_ERR_MAX_PARAM_LENGTH: ["bad-request", "Expected a path whose parts have at most 500 characters"],
};

/** Of a request, what the answer to it may name. */
type Asked = Pick<FastifyRequest, "method" | "headers">;

/**
 * What is answered for an error to this request. One that nobody expected is logged, and told without its
 * text.
 */
export function toProblem(
  error: unknown,
  { method, headers }: Asked = { method: "GET", headers: {} },
): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InputError) return invalidInput(error);
  if (error instanceof KafkaError && error.kind !== "refused") {
    const advice = method === "GET" ? "Ask again" : "What was sent is not confirmed; ask again";
    const detail = `${error.message}. ${advice}`;
    return new Problem("kafka-away", detail, { cause: error, headers: { "retry-after": RETRY_AFTER } });
  }
  const { code = "", statusCode = 500, message } = error as Partial<FastifyError>;
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return otherType(headers["content-type"], error);
  const known = FASTIFY_ERRORS[code];
  if (known !== undefined) return new Problem(...known, { cause: error });
  if (statusCode < 500)
    return new Problem("bad-request", message ?? "Expected another request", { cause: error });
  const shown = error instanceof ProgramError ? error.message : inspect(error);
  console.error(`Unexpected error: ${printableLines(shown)}`);
  return new Problem("internal", "The gateway failed; its log says why", { cause: error });
}

/** curl -d without -H sends a form: the header that came is what its sender has not seen. */
function otherType(type: string | undefined, cause: unknown): Problem {
  const got = type === undefined ? "no such header" : printable(JSON.stringify(type.slice(0, 80)));
  return new Problem("not-json", `Expected the header Content-Type: application/json, got ${got}`, { cause });
}

/** Answers with a problem, its status and its headers. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // What would have been a download is none.
  reply.removeHeader("content-disposition");
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type("application/problem+json")
    .send(`${JSON.stringify(problem)}\n`);
}
