/** As Go's url.QueryEscape: everything but letters, digits and `-_.~`, a space as a plus. */
export const queryEscape = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");

/** Path at which an evaluator shows an expression: as a graph, or as a table. */
export const graphPath = (expression: string, shown: "graph" | "table"): string =>
  `/graph?g0.expr=${queryEscape(expression)}&g0.tab=${shown === "table" ? 1 : 0}`;
