import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { explainOldNode } from "./node_version.mjs";

test.each(["16.20.2", "18.20.8", "20.18.3"])("Node %s is too old, and one line says so", (version) => {
  expect(explainOldNode(version)).toBe(
    `Expected Node 20.19 or newer, got ${version}: install the LTS version of https://nodejs.org`,
  );
});

test.each(["20.19.0", "20.20.2", "22.0.0", "24.21.0", "26.0.0-nightly"])("Node %s is not", (version) => {
  expect(explainOldNode(version)).toBeUndefined();
});

test("package.json asks for the same Node", () => {
  expect(packageJson.engines.node).toBe(">=20.19");
});
