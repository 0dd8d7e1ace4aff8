/** What of JSON Schema the balancer's configuration uses. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

export interface SchemaOption {
  readonly label: string;
  readonly kind: "field" | "value";
  /** The default, where there is one. */
  readonly detail: string;
  readonly description: string;
}

export interface SchemaCompletion {
  /** Offset at which what is completed begins. */
  readonly from: number;
  readonly options: readonly SchemaOption[];
}

const ITEM = "[]";
const FIELD = /^(\s*)((?:- +)*)([\w.-]*)$/;
const VALUE = /^(\s*)((?:- +)*)([\w.-]+): +(\S*)$/;

/** What the schema allows at a place of a text in YAML's block style; undefined where it has nothing to say. */
export function completionAt(schema: SchemaNode, text: string, at: number): SchemaCompletion | undefined {
  const lines = text.slice(0, at).split("\n");
  const line = lines.pop() ?? "";
  const field = FIELD.exec(line);
  if (field) {
    const [, indent = "", dashes = "", word = ""] = field;
    const options = fieldsOf(nodesAt(schema, pathOf(lines, indent.length, dashes)), schema);
    return options.length === 0 ? undefined : { from: at - word.length, options };
  }
  const value = VALUE.exec(line);
  if (!value) return undefined;
  const [, indent = "", dashes = "", name = "", word = ""] = value;
  const nodes = nodesAt(schema, [...pathOf(lines, indent.length, dashes), name]);
  const options = nodes.flatMap(valuesOf);
  return options.length === 0 ? undefined : { from: at - word.length, options };
}

/** Names of the mappings and lists that a line lies in, by what stands less far in above it. */
function pathOf(above: readonly string[], indent: number, dashes: string): string[] {
  const path: string[] = [];
  const dashColumns = (from: number, marks: string): number[] =>
    Array.from(marks.matchAll(/-/g), ({ index }) => from + index);
  let column = indent + dashes.length;
  let inItem = false;
  for (const dash of dashColumns(indent, dashes).reverse()) {
    path.unshift(ITEM);
    column = dash;
    inItem = true;
  }
  for (const line of above.toReversed()) {
    const [, space = "", marks = "", name] = /^(\s*)((?:- +)*)([\w.-]+):/.exec(line) ?? [];
    if (name === undefined) continue;
    const own = space.length + marks.length;
    // A list may begin at the column of its own name.
    if (own < column || (inItem && own === column && marks === "")) {
      path.unshift(name);
      column = own;
      inItem = false;
    }
    for (const dash of dashColumns(space.length, marks).reverse()) {
      if (dash >= column) continue;
      path.unshift(ITEM);
      column = dash;
      inItem = true;
    }
  }
  return path;
}

function nodesAt(schema: SchemaNode, path: readonly string[]): readonly SchemaNode[] {
  let nodes = expanded(schema, schema);
  for (const step of path)
    nodes = nodes.flatMap((node) => below(node, step)).flatMap((node) => expanded(node, schema));
  return nodes;
}

function below(node: SchemaNode, step: string): readonly SchemaNode[] {
  if (step === ITEM) return node.items ? [node.items] : [];
  const named = node.properties?.[step];
  if (named) return [named];
  return typeof node.additionalProperties === "object" ? [node.additionalProperties] : [];
}

/** A node and all that it may be instead. */
function expanded(node: SchemaNode, root: SchemaNode): readonly SchemaNode[] {
  const referred = node.$ref === undefined ? undefined : root.$defs?.[node.$ref.replace("#/$defs/", "")];
  const others = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...(referred ? [referred] : []), ...others].flatMap((one) =>
    one === node ? [one] : expanded(one, root),
  );
}

function fieldsOf(nodes: readonly SchemaNode[], root: SchemaNode): readonly SchemaOption[] {
  const fields = new Map<string, SchemaOption>();
  for (const node of nodes)
    for (const [label, about] of Object.entries(node.properties ?? {}))
      if (!fields.has(label))
        fields.set(label, {
          label,
          kind: "field",
          detail: about.default === undefined ? "" : JSON.stringify(about.default),
          description: expanded(about, root).find((one) => one.description)?.description ?? "",
        });
  return [...fields.values()];
}

function valuesOf(node: SchemaNode): readonly SchemaOption[] {
  const values = [
    ...(node.enum ?? []),
    ...(node.const === undefined ? [] : [node.const]),
    ...(node.type === "boolean" ? [true, false] : []),
  ];
  return values.map((value) => ({
    label: String(value),
    kind: "value",
    detail: value === node.default ? "default" : "",
    description: node.description ?? "",
  }));
}
