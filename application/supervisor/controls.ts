/** What the board asks the application for, through the gateway: a worker more, one less, one killed. */
import * as v from "valibot";
import { type ControlMessage, controlRequestSchema } from "../controls_wire.ts";
import type { Answer, Team } from "./team.ts";

/** Does what the message asks for, and answers. What is no request is nobody's. */
export async function obey(
  message: unknown,
  team: Team,
  answer: (message: ControlMessage) => void,
): Promise<void> {
  const request = v.safeParse(controlRequestSchema, message);
  if (!request.success) return;
  const { id } = request.output;
  answer({ id, ...(await act(request.output, team)) });
}

async function act(request: v.InferOutput<typeof controlRequestSchema>, team: Team): Promise<Answer> {
  if (request.control === "add") return team.tryToAdd();
  return request.control === "stop" ? team.tryToStop(request.worker) : team.tryToKill(request.worker);
}
