/** How a program is told which model to load. */
import { Option } from "@commander-js/extra-typings";
import { MODEL_FILE } from "./model_file.ts";

/** The option `--model <file>`, else the variable IRIS_MODEL, else common/model.json. */
export function modelOption() {
  return new Option("--model <file>", "the model to load, as train.ts writes it")
    .default(MODEL_FILE, "common/model.json")
    .env("IRIS_MODEL");
}
