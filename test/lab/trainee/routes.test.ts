import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiPage } from "../../../lab/trainee/api-page.ts";
import { INPUTS } from "../../../lab/trainee/inputs.ts";
import { LAB_PATHS, OPERATION_NAMES, OPERATIONS, routeOf } from "../../../lab/trainee/routes.ts";
import { wireRequest } from "../../../lab/trainee/wire-request.ts";
import { SAMPLES } from "../../support/operation-samples.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "api.md");

describe("the table of operations", () => {
  it("has no two entries for the same request", () => {
    const requests = [...Object.values(OPERATIONS), ...Object.values(LAB_PATHS)].map(
      ({ method, path }) => `${method} ${path}`,
    );
    expect(new Set(requests).size).toBe(requests.length);
  });

  it.each(OPERATION_NAMES)(
    "%s: every part of its path is a field of its input, and so is a look's subject",
    (name) => {
      const { path, ...route } = routeOf(name);
      const inputs: object = INPUTS[name];
      const fields = "shape" in inputs ? Object.keys(inputs.shape as object) : [];
      const wanted = Array.from(path.matchAll(/:(\w+)/g), ([, field]) => field);
      if (route.kind === "look" && typeof route.subject !== "string") wanted.push(route.subject.field);
      expect(fields).toEqual(expect.arrayContaining(wanted));
    },
  );

  it.each(OPERATION_NAMES)("%s: needs the token where it is more than reading", (name) => {
    const { method, token } = routeOf(name);
    expect(token).toBe(method === "POST");
  });

  it.each(OPERATION_NAMES)("%s: what goes in comes out of its request again", (name) => {
    const { method, path, body } = wireRequest(name, SAMPLES[name]);
    const url = new URL(path, "http://lab");
    const template = routeOf(name).path.split("/");
    const parts = url.pathname.split("/");
    expect(parts).toHaveLength(template.length);
    const fields = template.flatMap((part, i) =>
      part.startsWith(":") ? [[part.slice(1), decodeURIComponent(parts[i] ?? "")] as const] : [],
    );
    const arrived = {
      ...Object.fromEntries([...fields, ...url.searchParams]),
      ...(body === undefined ? {} : (JSON.parse(body) as object)),
    };
    expect(method).toBe(routeOf(name).method);
    expect(INPUTS[name].parse(arrived)).toEqual(INPUTS[name].parse(SAMPLES[name]));
  });
});

describe("a request that is made of an operation", () => {
  it("leaves out what is undefined, and writes names so that they stay in their part of the path", () => {
    expect(wireRequest("config", { version: undefined }).path).toBe("/v1/config");
    expect(wireRequest("metrics", { unit: "a/../b?c" }).path).toBe("/v1/metrics/a%2F..%2Fb%3Fc");
  });
});

it("docs/api.md is what the table says: npm run docs:api writes it", () => {
  const page = apiPage();
  for (const name of OPERATION_NAMES) expect(page).toContain(routeOf(name).says);
  expect(readFileSync(PAGE, "utf8")).toBe(page);
});
