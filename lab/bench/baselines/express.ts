/** What stage 3 is measured against: the least Express app that answers the same question. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { loadClassifier } from "../../../common/classifier.ts";

const classifier = loadClassifier();
const app = express();
app.post("/iris-classifier", express.json(), (request, response) => {
  response.json(classifier.predict(request.body));
});
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
console.log(`bare Express serves on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
