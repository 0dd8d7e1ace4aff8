import { CORE_SCHEMA, dump, DUMP_SCHEMA } from "js-yaml";

/**
 * A value as YAML text without anchors, its fields in their order; one that is undefined is left out. `for11`: for parsers of
 * YAML 1.1, in which a bare `no` is false.
 */
export const writeYaml = (value: unknown, { for11 = false }: { readonly for11?: boolean } = {}): string =>
  dump(value, {
    lineWidth: -1,
    noRefs: true,
    skipInvalid: true,
    quoteStyle: "double",
    schema: for11 ? DUMP_SCHEMA : CORE_SCHEMA,
  });
