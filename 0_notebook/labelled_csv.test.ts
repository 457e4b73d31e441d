import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ProgramError } from "../common/errors.ts";
import { SPECIES } from "../common/iris.ts";
import { readLabelledCsv } from "./labelled_csv.ts";
import { irisRows, type LabelledRow } from "./pipeline.ts";

const folder = mkdtempSync(join(tmpdir(), "iris-labelled-"));
const file = join(folder, "irises.csv");
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string) {
  writeFileSync(file, content);
  return readLabelledCsv(file);
}

/** The lines of the message that refuses the file. */
function faults(content: string): string[] {
  try {
    read(content);
  } catch (error) {
    if (error instanceof ProgramError) return error.message.replaceAll(file, "").split("\n");
    throw error;
  }
  return [];
}

const numbers = ({ measurements }: LabelledRow) => Object.values(measurements).join(",");
const rows = irisRows();
const toFile = (header: string, line: (row: LabelledRow, index: number) => string) =>
  [header, ...rows.map(line)].join("\n");

describe("the data set, as it is found in the wild, is the data set", () => {
  test.each([
    [
      "Kaggle",
      toFile(
        "Id,SepalLengthCm,SepalWidthCm,PetalLengthCm,PetalWidthCm,Species",
        (row, index) => `${index + 1},${numbers(row)},Iris-${SPECIES[row.iris_type]}`,
      ),
    ],
    ["UCI", `${rows.map((row) => `${numbers(row)},Iris-${SPECIES[row.iris_type]}\n`).join("")}\n`],
    [
      "R",
      toFile(
        '"","Sepal.Length","Sepal.Width","Petal.Length","Petal.Width","Species"',
        (row, index) => `"${index + 1}",${numbers(row)},"${SPECIES[row.iris_type]}"`,
      ),
    ],
    [
      "scikit-learn",
      toFile(
        "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm),target",
        (row) => `${numbers(row)},${row.iris_type}`,
      ),
    ],
    [
      "a German spreadsheet",
      toFile("sepal_length;sepal_width;petal_length;petal_width;species", (row) => {
        const texts = numbers(row).replaceAll(",", ";").replaceAll(".", ",");
        return `${texts};${SPECIES[row.iris_type].toUpperCase()}`;
      }),
    ],
  ])("%s", (_name, content) => {
    expect(read(content)).toEqual(rows);
  });
});

const HEADER = "sepal_length,sepal_width,petal_length,petal_width,species";

test("a species that is none is named with its line", () => {
  expect(faults(`${HEADER}\n5,3,1,1,rose\n5,3,1,1,3\n5,3,1,1,Iris setosa\n5,3,1,1,\n`)).toEqual([
    ':2: Expected species to be setosa, versicolor, virginica, got "rose"',
    ':3: Expected species to be setosa, versicolor, virginica, got "3"',
    ':5: Expected species to be setosa, versicolor, virginica, got ""',
  ]);
});

test("of very many bad rows the first 20 are named", () => {
  const lines = faults(`${HEADER}\n${"5,3,1,1,rose\n".repeat(150_000)}`);
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe(": 149980 more bad rows");
});

test("each fold needs a row of each species", () => {
  expect(faults(`${HEADER}\n${"5,3,1,1,setosa\n".repeat(5)}`)).toEqual([
    ": expected at least 5 rows of versicolor, one for each fold, got 0",
  ]);
});
