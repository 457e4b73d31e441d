/** What the bare Express apps share: they listen; beside the gateway they check four measurements, too. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express, { type Express, type Response } from "express";
import { type Measurements, parseMeasurements } from "../../../common/iris.ts";

/** An app with POST /tasks, which hands on measurements that are right. */
export function createTasksApp(answer: (X: Measurements, response: Response) => Promise<void>): Express {
  const app = express();
  app.post("/tasks", express.json(), async (request, response) => {
    const X = parseMeasurements(request.body);
    if (X.ok) await answer(X.value, response);
    else response.status(422).json({ error: X.error.message });
  });
  return app;
}

/** Listens on a free port, and prints the line that tells where. */
export async function serve(app: Express): Promise<void> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  console.log(`bare Express serves on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
