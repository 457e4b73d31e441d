/**
 * The trees of a model file, and how they vote. ml-random-forest has trained and written them. To load that
 * library takes longer than the rest of stage 1's start, so a program that only predicts does without it.
 */
import * as v from "valibot";
import { FIELDS, type Field, type Measurements, type Prediction } from "./iris.ts";

/** The index of a species in SPECIES. */
export type IrisType = Prediction["iris_type"];

/** A question about one measurement, or, at the end of a branch, the answer. */
export type Tree = Question | IrisType;
interface Question {
  field: Field;
  threshold: number;
  below: Tree;
  notBelow: Tree;
}

/** The part of the library's JSON that inference needs. `indexes` are the features that each tree knows. */
const forestSchema = v.object({
  name: v.literal("RFClassifier"),
  baseModel: v.object({
    indexes: v.array(v.array(v.picklist([...FIELDS.keys()]))),
    estimators: v.pipe(v.array(v.object({ root: v.unknown() })), v.minLength(1)),
  }),
});

/** Reads the trees of a forest. Throws TypeError when it is not one that ml-random-forest has written. */
export function parseForest(value: unknown): Tree[] {
  const forest = v.safeParse(forestSchema, value);
  if (!forest.success) throw new TypeError(`${v.getDotPath(forest.issues[0])}: ${forest.issues[0].message}`);
  const { indexes, estimators } = forest.output.baseModel;
  return estimators.map(({ root }, number) => parseNode(root as Node, indexes[number] ?? []));
}

/** Asks every tree. The result is the number of votes for each species, in the order of SPECIES. */
export function countVotes(trees: readonly Tree[], measurements: Measurements): [number, number, number] {
  const counts: [number, number, number] = [0, 0, 0];
  for (const tree of trees) counts[answer(tree, measurements)] += 1;
  return counts;
}

function answer(tree: Tree, measurements: Measurements): IrisType {
  let node = tree;
  while (typeof node === "object") {
    node = measurements[node.field] < node.threshold ? node.below : node.notBelow;
  }
  return node;
}

/** As the library writes it. A leaf has a distribution: the share of each species among its training rows. */
type Node = Partial<{
  distribution: [number[]];
  splitColumn: number;
  splitValue: number;
  left: Node;
  right: Node;
}>;

/** Checked by hand, since the schema library would take 7 ms for the 1,572 nodes of a hundred trees. */
function parseNode(node: Node | null | undefined, features: readonly number[]): Tree {
  const { distribution, splitColumn = -1, splitValue, left, right } = node ?? {};
  const shares = distribution?.[0];
  if (shares !== undefined) return mostFrequent(shares);
  const field = FIELDS[features[splitColumn] ?? -1];
  if (field === undefined || typeof splitValue !== "number") throw new TypeError("a node asks no question");
  return {
    field,
    threshold: splitValue,
    below: parseNode(left, features),
    notBelow: parseNode(right, features),
  };
}

/** The species with the largest number; of equal ones the first, which is also the library's rule. */
export function mostFrequent(numbers: readonly number[]): IrisType {
  let best: IrisType = 0;
  for (const irisType of [1, 2] as const) {
    if ((numbers[irisType] ?? 0) > (numbers[best] ?? 0)) best = irisType;
  }
  return best;
}
