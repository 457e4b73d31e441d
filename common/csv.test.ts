import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readMeasurementsCsv } from "./csv.ts";
import { ProgramError } from "./errors.ts";

const folder = mkdtempSync(join(tmpdir(), "iris-csv-"));
const file = join(folder, "irises.csv");
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string | Buffer, also: "species"[] = []) {
  writeFileSync(file, content);
  return readMeasurementsCsv(file, also);
}

/** The rows in brief: line, the four numbers or the message, and the species. */
const brief = (content: string | Buffer, also?: "species"[]) =>
  read(content, also).map(({ line, measurements, species }) => [
    line,
    measurements.ok ? Object.values(measurements.value).join(" ") : measurements.error.message,
    species,
  ]);

/** The one line that refuses a whole file, without the file's name. */
function refusal(content: string | Buffer, also?: "species"[]): string {
  try {
    read(content, also);
  } catch (error) {
    if (error instanceof ProgramError) return error.message.replace(file, "");
    throw error;
  }
  return "It was read.";
}

describe("files as other programs write them", () => {
  test.each([
    [
      "Kaggle",
      "Id,SepalLengthCm,SepalWidthCm,PetalLengthCm,PetalWidthCm,Species\n1,5.1,3.5,1.4,0.2,Iris-setosa\n",
      [[2, "5.1 3.5 1.4 0.2", "Iris-setosa"]],
    ],
    [
      "UCI: no header, and a blank line at the end",
      "5.1,3.5,1.4,0.2,Iris-setosa\n7.0,3.2,4.7,1.4,Iris-versicolor\n\n",
      [
        [1, "5.1 3.5 1.4 0.2", "Iris-setosa"],
        [2, "7 3.2 4.7 1.4", "Iris-versicolor"],
      ],
    ],
    [
      "R: quoted, with row names",
      '"","Sepal.Length","Sepal.Width","Petal.Length","Petal.Width","Species"\n"1",5.1,3.5,1.4,.2,"setosa"\n',
      [[2, "5.1 3.5 1.4 0.2", "setosa"]],
    ],
    [
      "seaborn",
      "sepal_length,sepal_width,petal_length,petal_width,species\n5.1,3.5,1.4,0.2,setosa\n",
      [[2, "5.1 3.5 1.4 0.2", "setosa"]],
    ],
    [
      "scikit-learn",
      ",sepal length (cm),sepal width (cm),petal length (cm),petal width (cm),target\n0,5.1,3.5,1.4,0.2,0\n",
      [[2, "5.1 3.5 1.4 0.2", "0"]],
    ],
    [
      "with units, and separators at the end",
      "Sepal Length (in cm),Sepal Width in (cm),Petal length,PetWid,Class,,,\n5.1,3.5,1.4,.2,Iris-setosa\n",
      [[2, "5.1 3.5 1.4 0.2", "Iris-setosa"]],
    ],
    [
      "with the species under another name, in another order",
      "Variety,Petal Width,Petal Length,Sepal Width,Sepal Length\nSetosa,.2,1.4,3.5,5.1\n",
      [[2, "5.1 3.5 1.4 0.2", "Setosa"]],
    ],
  ])("%s", (_name, content, rows) => {
    expect(brief(content, ["species"])).toEqual(rows);
  });
});

const HEADER = "sepal_length,sepal_width,petal_length,petal_width";
const SEMICOLONS = `${HEADER.replaceAll(",", ";")}\r\n5,1;3,5;1,4;0,2\r\n`;
const ONE_ROW = [[2, "5.1 3.5 1.4 0.2", ""]];

describe("files as spreadsheets save them", () => {
  const utf16le = Buffer.from(`\uFEFF${SEMICOLONS.replaceAll(";", "\t")}`, "utf16le");
  test.each<[string, string | Buffer, unknown[]]>([
    ["semicolons and decimal commas", SEMICOLONS, ONE_ROW],
    ["tabs", SEMICOLONS.replaceAll(";", "\t"), ONE_ROW],
    [
      "tabs, with an empty column in front",
      `\t${HEADER.replaceAll(",", "\t")}\n\t5.1\t3.5\t1.4\t0.2\n`,
      ONE_ROW,
    ],
    ["decimal commas in quotes", `${HEADER}\n"5,1","3,5","1,4","0,2"\n`, ONE_ROW],
    ["UTF-8 with a byte-order mark", `\uFEFF${SEMICOLONS}`, ONE_ROW],
    ["UTF-16, little endian", utf16le, ONE_ROW],
    ["UTF-16, big endian", Buffer.from(utf16le).swap16(), ONE_ROW],
    ["sep=; in the first line", `sep=;\r\n${SEMICOLONS}`, [[3, "5.1 3.5 1.4 0.2", ""]]],
    ["sep=, in the first line", `\uFEFFsep=,\n${HEADER}\n5.1,3.5,1.4,0.2`, [[3, "5.1 3.5 1.4 0.2", ""]]],
    ["old line ends", `${HEADER}\r5.1,3.5,1.4,0.2\r`, ONE_ROW],
    [
      "line ends of two kinds",
      `${HEADER}\r\n5.1,3.5,1.4,0.2\n5.1,3.5,1.4,0.2`,
      [...ONE_ROW, [3, "5.1 3.5 1.4 0.2", ""]],
    ],
    [
      "quotes and blanks around the values",
      `"sepal_length", "sepal_width", petal_length ,petal_width\n 5.1,"3.5", 1.4 ,0.2`,
      ONE_ROW,
    ],
    [
      "blank lines, and lines of separators alone",
      `\n${HEADER}\n,,,\n\n5.1,3.5,1.4,0.2\n , ,,\n\n`,
      [[5, "5.1 3.5 1.4 0.2", ""]],
    ],
    [
      "a note with a line break",
      `note,${HEADER}\n"two\nlines",5.1,3.5,1.4,0.2\nx,5.1,3.5,1.4,y`,
      [
        [3, "5.1 3.5 1.4 0.2", ""],
        [4, 'Expected petal_width to be a number between 0 and 30 cm, got "y"', ""],
      ],
    ],
  ])("%s", (_name, content, rows) => {
    expect(brief(content)).toEqual(rows);
  });
});

describe("a bad row is named by its line, with the reason", () => {
  test.each([
    [
      "5,1,3,5,1,4,0,2",
      "4 values, like the first line, got 8. Decimal commas? Then separate the columns with semicolons",
    ],
    ["5.1,3.5,1.4,0.2,,x", "Expected the row to be 4 values, like the first line, got 6."],
    ["5.1,3.5", 'Expected petal_length to be a number between 0 and 30 cm, got ""'],
    ["5.1,3.5,,0.2", 'Expected petal_length to be a number between 0 and 30 cm, got ""'],
    ["5.1,3.5,1.4 cm,0.2", 'Expected petal_length to be a number between 0 and 30 cm, got "1.4 cm"'],
    ['5.1,3.5,"1,400.5",0.2', 'Expected petal_length to be a number between 0 and 30 cm, got "1,400.5"'],
  ])("%s", (row, message) => {
    expect(brief(`${HEADER}\n${row}\n5.1,3.5,1.4,0.2\n`)).toEqual([
      [2, expect.stringContaining(message), ""],
      [3, "5.1 3.5 1.4 0.2", ""],
    ]);
  });
});

describe("a file that cannot be understood is refused in one line", () => {
  test.each<[string, string | Buffer, string]>([
    [
      "empty",
      "",
      ": expected a header with sepal_length,sepal_width,petal_length,petal_width,species, got an empty file",
    ],
    ["no rows", `${HEADER},species\n\n`, ": expected rows below the header, got none"],
    [
      "a column is missing",
      `${HEADER}\n1,1,1,1\n`,
      `: expected a header with ${HEADER},species, got no species in "${HEADER}"`,
    ],
    [
      "a column is there twice",
      `${HEADER},PetalWidthCm,species\n`,
      ': expected one column petal_width, got two: "petal_width" and "PetalWidthCm"',
    ],
    [
      "blanks separate",
      "5.1 3.5 1.4 0.2 setosa\n",
      'got no sepal_length, sepal_width, petal_length, petal_width, species in "5.1 3.5 1.4 0.2 setosa"',
    ],
    [
      "decimal commas without a header",
      "5,1,3,5,1,4,0,2,setosa\n",
      "since there is no header, got 9: with decimal commas, separate the columns with semicolons",
    ],
    ["an open quote", `${HEADER},"species\n`, ": not CSV: Quote Not Closed"],
    [
      "Latin-1",
      Buffer.from(`${HEADER},species,by\n5,3,1,1,setosa,Müller\n`, "latin1"),
      ':2: expected text in UTF-8 or UTF-16, got other bytes: save it as "CSV UTF-8"',
    ],
    [
      "a workbook",
      Buffer.from("PK\u0003\u0004\0\0", "latin1"),
      ":1: expected text in UTF-8 or UTF-16, got other bytes",
    ],
    [
      "UTF-16 without a byte-order mark",
      Buffer.from(HEADER, "utf16le"),
      ":1: expected text in UTF-8 or UTF-16, got other bytes",
    ],
  ])("%s", (_name, content, message) => {
    expect(refusal(content, ["species"])).toContain(message);
    expect(refusal(content, ["species"])).not.toContain("\n");
  });

  test("a file that is not there, and a folder", () => {
    expect(() => readMeasurementsCsv(join(folder, "gone.csv"))).toThrow(/^Cannot read .*gone\.csv: ENOENT$/);
    expect(() => readMeasurementsCsv(folder)).toThrow(/^Cannot read .*: EISDIR$/);
  });
});

test("whatever the bytes are, the file is read or refused in one line", () => {
  const piece = fc.constantFrom(
    HEADER,
    "5.1",
    "3,5",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    '"',
    "sep=;",
    " ",
    "\uFEFF",
    "setosa",
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join("")));
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.oneof(text, bytes), (content) => !refusal(content).includes("\n")),
    { numRuns: 500 },
  );
});

test("150,000 rows are read", () => {
  const rows = read(`${HEADER}\n${"5.1,3.5,1.4,0.2\n".repeat(150_000)}`);
  expect(rows).toHaveLength(150_000);
  expect(rows.at(-1)?.line).toBe(150_001);
});
