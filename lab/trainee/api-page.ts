import { z } from "zod";
import { INPUTS } from "./inputs.ts";
import { LAB_PATHS, OPERATION_NAMES, routeOf, type OperationName, type Route } from "./routes.ts";

const INTRODUCTION = `# The trainee's interface over HTTP

A lab serves it on its control port, 1010 below the listener's: \`http://127.0.0.1:7070\` where users come in on 8080. The command
line is a client of it, and so is everything else that sees or does what a trainee can. \`npm run docs:api\` writes this page from
the table that the server serves (\`lab/trainee/routes.ts\`, \`inputs.ts\`).

- Reading is open to every program of this machine. A request with the run's token (\`authorization: Bearer TOKEN\`; it is in
  \`.lab/run/8080/token\`, for the owner only) is the trainee's: what "token" says needs it, and a **look** is noted in the drill's
  record, as what the table says. Seeing the same thing again within 5 s is the same look.
- A page that refreshes what it shows sends \`x-lblab-background: 1\`: such a request is no look.
- What goes in is the fields of the path, of the query (GET) and of a JSON object (POST), all by name; a field that is not listed
  is refused. What comes out is JSON, and the types are in \`lab/trainee/answers.ts\`; ratios are 0 to 1, times ISO 8601 in UTC or
  epoch milliseconds.
- Errors are \`{"error": {"code", "message", "hint"}}\`: 400 for an invalid input, 401 without the token, 403 for another Host or
  a page of another origin, 404 for what does not exist, 409 for what cannot be done now.
- Every answer has \`x-lblab-instance\`, the id of the run: it distinguishes the run from another lab on the same port.
`;

/** The page \`docs/api.md\`: everything that the control API serves, made from the table. */
export function apiPage(): string {
  const operations = OPERATION_NAMES.map((name) => [name, routeOf(name)] as const);
  const own = Object.entries(LAB_PATHS);
  return [
    INTRODUCTION,
    "## Operations\n",
    table(
      ["operation", "request", "token", "counts as", "what it is"],
      operations.map(([name, route]) => [
        fieldsOf(name) === undefined ? name : `[${name}](#${name.toLowerCase()})`,
        requestOf(route),
        route.token ? "yes" : "",
        countsAs(route),
        route.says,
      ]),
    ),
    "\nBeside them the lab has\n",
    table(
      ["request", "token", "what it is"],
      own.map(([, route]) => [requestOf(route), route.token ? "yes" : "", route.says]),
    ),
    "\n## What goes in\n",
    ...operations.flatMap(([name]) => {
      const fields = fieldsOf(name);
      return fields === undefined ? [] : [`### ${name}\n\n${fields}\n`];
    }),
  ].join("\n");
}

const requestOf = ({ method, path }: Pick<Route, "method" | "path">): string => `\`${method} ${path}\``;

function countsAs(route: Route): string {
  if (route.kind === "act") return "an act";
  if (route.kind !== "look") return "";
  const { subject } = route;
  return typeof subject === "string" ? `a look at \`${subject}\`` : `a look at the ${subject.field}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

interface Schema {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A list of an operation's fields; undefined where it has none. */
function fieldsOf(name: OperationName): string | undefined {
  const schema = z.toJSONSchema(INPUTS[name], { io: "input" }) as Schema;
  const { oneOf } = schema;
  if (oneOf) return `One of\n\n${oneOf.map((one) => `- ${inOneLine(one)}`).join("\n")}`;
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return undefined;
  return fields.map(([field, one]) => `- ${fieldText(field, one, schema)}`).join("\n");
}

/** A field with its type, its bounds, and whether it may be left out. */
function fieldText(field: string, schema: Schema, { required = [] }: Schema): string {
  const leftOut =
    schema.default !== undefined
      ? `, default ${JSON.stringify(schema.default)}`
      : required.includes(field)
        ? ""
        : ", may be left out";
  const about = schema.description === undefined ? "" : `: ${schema.description}`;
  return `\`${field}\` ${typeText(schema)}${leftOut}${about}`;
}

const inOneLine = (schema: Schema): string =>
  Object.entries(schema.properties ?? {})
    .map(([field, one]) => fieldText(field, one, schema))
    .join("; ");

function typeText(schema: Schema): string {
  if (schema.const !== undefined) return `\`"${schema.const}"\``;
  if (schema.enum) return schema.enum.map((word) => `\`"${word}"\``).join(" or ");
  if (schema.items)
    return `${bounds(schema.minItems, schema.maxItems)} of {${inOneLine(schema.items)}}`.trimStart();
  switch (schema.type) {
    case "string":
      return lengthText(schema);
    case "integer":
    case "number": {
      const from =
        schema.minimum ??
        (schema.exclusiveMinimum === undefined ? undefined : `over ${schema.exclusiveMinimum}`);
      const to = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
      return `${schema.type === "integer" ? "whole number" : "number"}${rangeText(from, to)}`;
    }
    case "object":
      return "object of texts by name";
    default:
      return schema.type ?? "any";
  }
}

const bounds = (from: number | undefined, to: number | undefined): string => `list${rangeText(from, to)}`;

const lengthText = ({ maxLength }: Schema): string =>
  maxLength === undefined ? "text" : `text of at most ${maxLength} characters`;

function rangeText(from: number | string | undefined, to: number | undefined): string {
  if (from === undefined && to === undefined) return "";
  if (to === undefined) return ` from ${from}`;
  return from === undefined ? ` up to ${to}` : `, ${from} to ${to}`;
}
