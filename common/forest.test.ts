import { readFileSync } from "node:fs";
import fc from "fast-check";
import { RandomForestClassifier } from "ml-random-forest";
import { describe, expect, test } from "vitest";
import { irisRows, trainForest } from "../0_notebook/pipeline.ts";
import { countVotes, mostFrequent, parseForest } from "./forest.ts";
import { FIELDS, type Measurements, SPECIES } from "./iris.ts";
import { MODEL_FILE } from "./model_file.ts";

type Json = Parameters<typeof RandomForestClassifier.load>[0];

/** What the library itself answers: a vote of each tree. */
function libraryVotes(forest: Json, flower: Measurements): number[] {
  const loaded = RandomForestClassifier.load(forest);
  const votes: number[] = loaded.predictionValues([FIELDS.map((field) => flower[field])]).getRow(0);
  return SPECIES.map((_, irisType) => votes.filter((vote) => vote === irisType).length);
}

const committed: { forest: Json } = JSON.parse(readFileSync(MODEL_FILE, "utf8"));
const small: Json = JSON.parse(JSON.stringify(trainForest(irisRows(), { trees: 7, seed: 3 })));

describe.each([
  ["the committed model", committed.forest],
  ["a small forest", small],
])("%s votes as ml-random-forest does", (_name, forest) => {
  const trees = parseForest(forest);

  test("about the 150 flowers", () => {
    for (const { measurements } of irisRows()) {
      expect(countVotes(trees, measurements)).toEqual(libraryVotes(forest, measurements));
    }
  });

  test("about any flower, also on the thresholds", () => {
    const length = fc.integer({ min: 1, max: 160 }).map((half) => half / 20);
    const flower = fc.record(Object.fromEntries(FIELDS.map((field) => [field, length])));
    fc.assert(
      fc.property(flower, (any) => {
        const measurements = any as Measurements;
        expect(countVotes(trees, measurements)).toEqual(libraryVotes(forest, measurements));
      }),
    );
  });
});

test("of species with equally many votes the first one is the answer", () => {
  expect(mostFrequent([0, 5, 5])).toBe(1);
  expect(mostFrequent([4, 4, 4])).toBe(0);
  expect(mostFrequent([1, 2, 7])).toBe(2);
});

const leaf = { distribution: [[0, 1]] };
const forestOf = (root: unknown) => ({
  name: "RFClassifier",
  baseModel: { indexes: [[2, 3]], estimators: [{ root }] },
});

test("a forest of one question is read", () => {
  const root = { splitColumn: 1, splitValue: 0.8, left: { distribution: [[1]] }, right: leaf };
  expect(parseForest(forestOf(root))).toEqual([
    { field: "petal_width", threshold: 0.8, below: 0, notBelow: 1 },
  ]);
});

test.each([
  ["nothing", undefined],
  ["another kind of model", { ...forestOf(leaf), name: "RFRegression" }],
  ["a forest without trees", { name: "RFClassifier", baseModel: { indexes: [], estimators: [] } }],
  ["a tree without a root", forestOf(undefined)],
  ["a question without a branch", forestOf({ splitColumn: 0, splitValue: 1, left: leaf })],
  [
    "a question about a column that is not there",
    forestOf({ splitColumn: 2, splitValue: 1, left: leaf, right: leaf }),
  ],
  ["a question without a number", forestOf({ splitColumn: 0, left: leaf, right: leaf })],
  ["an empty distribution", forestOf({ distribution: [] })],
  ["a root that is a text", forestOf("root")],
])("%s is refused", (_name, forest) => {
  expect(() => parseForest(forest)).toThrow(TypeError);
});
