/** The limit to come closer to: the same question on Fastify. */
import fastify from "fastify";
import { loadClassifier } from "../../../common/classifier.ts";
import type { Measurements } from "../../../common/iris.ts";

const classifier = loadClassifier();
const app = fastify();
app.post<{ Body: Measurements }>("/iris-classifier", async (request) => classifier.predict(request.body));
console.log(`Fastify serves on ${await app.listen({ port: 0, host: "127.0.0.1" })}`);
