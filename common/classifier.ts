/** The trained forest: load it once, then ask it. */
import { countVotes, mostFrequent } from "./forest.ts";
import { type Measurements, type Prediction, SPECIES } from "./iris.ts";
import { MODEL_FILE, type Model, readModel } from "./model_file.ts";

/** What it can do, and the model that it is made of: another thread can make the same classifier of it. */
export interface Classifier extends Model {
  /** Takes a few microseconds, so it may run on the event loop. */
  predict(measurements: Measurements): Prediction;
}

/** Loads a model file. Throws ModelError when it is missing or damaged. */
export function loadClassifier(file = MODEL_FILE): Classifier {
  return createClassifier(readModel(file));
}

/** Makes a classifier of a model that is in memory already. */
export function createClassifier({ card, trees }: Model): Classifier {
  function predict(measurements: Measurements): Prediction {
    const votes = countVotes(trees, measurements);
    const [setosa, versicolor, virginica] = votes;
    const iris_type = mostFrequent(votes);
    return {
      iris_type,
      species: SPECIES[iris_type],
      probabilities: {
        setosa: setosa / trees.length,
        versicolor: versicolor / trees.length,
        virginica: virginica / trees.length,
      },
      model: card.version,
    };
  }

  return { card, trees, predict };
}
