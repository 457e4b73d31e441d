/** What stage 3 is measured against: the least Express app that answers the same question. */
import express from "express";
import { loadClassifier } from "../../../common/classifier.ts";
import { serve } from "./express_app.ts";

const classifier = loadClassifier();
const app = express();
app.post("/iris-classifier", express.json(), (request, response) => {
  response.json(classifier.predict(request.body));
});
await serve(app);
