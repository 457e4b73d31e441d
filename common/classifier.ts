/** The trained forest: load it once, then ask it. */
import { RandomForestClassifier } from "ml-random-forest";
import { FIELDS, type Measurements, type Prediction, SPECIES } from "./iris.ts";
import { MODEL_FILE, type Model, readModel } from "./model_file.ts";

/** The model that it was made of, which makes the same classifier again in another thread, and what it can do. */
export interface Classifier extends Model {
  /** Takes some 20 microseconds, so it may run on the event loop. */
  predict(measurements: Measurements): Prediction;
}

/** Loads the model; throws ModelError when the file is missing or damaged. */
export function loadClassifier(file = MODEL_FILE): Classifier {
  return createClassifier(readModel(file));
}

/** Makes a classifier of a model that is in memory already. */
export function createClassifier({ card, forest }: Model): Classifier {
  const trees = RandomForestClassifier.load(forest as Parameters<typeof RandomForestClassifier.load>[0]);

  function predict(measurements: Measurements): Prediction {
    // One vote a tree. predictProbability() would be the obvious call, but its reduce() lacks an initial
    // value, so that the first tree's class is added to the sum (ml-random-forest 2.1.0).
    const votes = trees.predictionValues([FIELDS.map((field) => measurements[field])]).getRow(0);
    const counts: [number, number, number] = [0, 0, 0];
    for (const vote of votes as (0 | 1 | 2)[]) counts[vote] += 1;
    const [setosa, versicolor, virginica] = counts;
    const iris_type = counts.indexOf(Math.max(...counts)) as 0 | 1 | 2;
    return {
      iris_type,
      species: SPECIES[iris_type],
      probabilities: {
        setosa: setosa / votes.length,
        versicolor: versicolor / votes.length,
        virginica: virginica / votes.length,
      },
      model: card.version,
    };
  }

  return { card, forest, predict };
}
