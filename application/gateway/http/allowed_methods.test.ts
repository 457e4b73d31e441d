/** Which methods a path has. */
import { expect, test } from "vitest";
import { AllowedMethods } from "./allowed_methods.ts";

const allowed = new AllowedMethods();
allowed.add("GET", "/tasks");
allowed.add(["POST", "HEAD"], "/tasks");
allowed.add("GET", "/tasks/:id");
allowed.add("DELETE", "/tasks/:id");
allowed.add("GET", "/tasks/:id/result");
allowed.add("GET", "/");

test.each([
  ["/tasks", ["GET", "HEAD", "POST"]],
  ["/tasks/3@17", ["DELETE", "GET"]],
  ["/tasks/result", ["DELETE", "GET"]],
  ["/tasks/3@17/result", ["GET"]],
  ["/", ["GET"]],
])("%s has %j", (path, methods) => {
  expect(allowed.of(path)).toEqual(methods);
});

test.each(["/tasks/", "/task", "//tasks", "/tasks//result", "/tasks/1/result/2", "", "/__proto__"])(
  "%j has none",
  (path) => {
    expect(allowed.of(path)).toEqual([]);
  },
);
