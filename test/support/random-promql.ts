import fc from "fast-check";

/** What random expressions are made of. */
export interface ExpressionWorld {
  /** Metrics with their labels and some values of each. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** A moment about which there is something to see, in seconds since the epoch. */
  readonly moment: number;
}

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
/** Each arbitrary as often as its weight says. */
const mostly = (...weighted: readonly (readonly [number, fc.Arbitrary<string>])[]): fc.Arbitrary<string> =>
  fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
/** Parts of a text, one after the other. */
const joined = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((texts) => texts.join(""));
const maybe = (arbitrary: fc.Arbitrary<string>, otherwise = 3): fc.Arbitrary<string> =>
  mostly([otherwise, fc.constant("")], [1, arbitrary]);

const DURATIONS = oneOf("500ms", "1s", "2s", "3s500ms", "5s", "10s", "15s", "20s", "1m");
const STEPS = oneOf("500ms", "700ms", "1s", "3s");
const NUMBERS = oneOf("0", "1", "2", "-1", "0.5", "3", "10", "1e3", "0x10", "-2.5", "NaN", "Inf", "-Inf");
const QUANTILES = oneOf("0", "0.5", "0.9", "1", "0.25", "-1", "2", "NaN");
const ARITHMETIC = oneOf("+", "-", "*", "/", "%", "^", "atan2");
const COMPARISONS = oneOf("==", "!=", ">", "<", ">=", "<=");
const OF_RANGES = oneOf(
  ..."rate increase delta irate idelta deriv changes resets".split(" "),
  ..."avg min max sum count last present stddev stdvar".split(" ").map((what) => `${what}_over_time`),
);
const OF_VALUES = oneOf(
  ..."abs ceil floor sqrt exp ln log2 log10 sgn sort sort_desc minute hour day_of_week day_of_month day_of_year days_in_month month year timestamp round sin cos atan sinh tanh asinh deg rad".split(
    " ",
  ),
);
const AGGREGATIONS = oneOf("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar");

/** Whole expressions of PromQL 2.42 with every modifier, over the metrics of a world. */
export function randomExpressions(world: ExpressionWorld): fc.Arbitrary<string> {
  return wholeExpressions(world).filter((expression) => !ILL_CONDITIONED.test(expression));
}

/** What makes of the last digit of a number, in which implementations may differ, a wholly other result. */
const ILL_CONDITIONED = /(?:sin|cos|tan|round|floor|ceil|%).*(?:exp|sinh|\^)/;

function wholeExpressions({ metrics, moment }: ExpressionWorld): fc.Arbitrary<string> {
  const names = Object.keys(metrics);
  const labels = [...new Set(Object.values(metrics).flatMap((one) => Object.keys(one)))];
  const labelLists = fc
    .subarray([...labels, "nolabel"], { maxLength: 3 })
    .map((list) => `(${list.join(", ")})`);
  const shift = maybe(
    mostly(
      [3, joined(" offset ", mostly([2, DURATIONS], [1, oneOf("-500ms", "-3s", "-10s")]))],
      [
        2,
        joined(
          " @ ",
          fc.integer({ min: -15, max: 8 }).map((seconds) => (moment + seconds).toFixed(1)),
        ),
      ],
      [1, oneOf(" @ start()", " @ end()")],
      [1, joined(" offset ", DURATIONS, " @ ", fc.constant(moment.toFixed(3)))],
    ),
  );

  function matcherOf(name: string): fc.Arbitrary<string> {
    const [label = "job", values = [""]] = Object.entries(metrics[name] ?? {})[0] ?? [];
    const any = Object.entries(metrics[name] ?? { [label]: values });
    return fc.constantFrom(...any).chain(([of, known]) => {
      const value = oneOf(...known, "");
      return mostly(
        [
          3,
          joined(
            of,
            "=",
            value.map((text) => JSON.stringify(text)),
          ),
        ],
        [
          2,
          joined(
            of,
            "!=",
            value.map((text) => JSON.stringify(text)),
          ),
        ],
        [
          2,
          joined(
            of,
            "=~",
            oneOf(
              `"${known.join("|")}"`,
              '".+"',
              '".*"',
              `"${(known[0] ?? "").slice(0, 2)}.*"`,
              '"[a-z]+"',
              '"(?i:UP|WEB.*)"',
              '"5.."',
            ),
          ),
        ],
        [1, joined(of, "!~", oneOf(`"${known[0] ?? ""}"`, '".+"', '"5.."'))],
      );
    });
  }
  const selector = fc
    .constantFrom(...names)
    .chain((name) =>
      mostly(
        [3, fc.constant(name)],
        [3, joined(`${name}{`, matcherOf(name), "}")],
        [1, joined(`${name}{`, matcherOf(name), ", ", matcherOf(name), "}")],
        [1, joined(`{__name__=~"${name}|${names[0] ?? ""}", `, matcherOf(name), "}")],
      ),
    );

  const vector = (depth: number): fc.Arbitrary<string> => {
    const leaf = joined(selector, shift);
    if (depth === 0) return leaf;
    const inner = vector(depth - 1);
    const number = scalar(depth - 1);
    const grouping = joined(oneOf(" by ", " without "), labelLists);
    const range = mostly(
      [4, joined(selector, "[", DURATIONS, "]", shift)],
      [
        1,
        joined(
          mostly([2, inner.map((text) => `(${text})`)], [1, selector]),
          "[",
          DURATIONS,
          ":",
          maybe(STEPS, 1),
          "]",
          shift,
        ),
      ],
    );
    const matching = joined(
      oneOf(" on ", " ignoring "),
      labelLists,
      maybe(joined(oneOf(" group_left ", " group_right "), maybe(labelLists, 1)), 1),
      " ",
    );
    // So that most operations find partners: an aggregate of the same on one side.
    const likely = fc
      .tuple(
        selector,
        fc.subarray(labels, { minLength: 1, maxLength: 2 }),
        oneOf("+", "-", "*", "/", ">", "<= bool", "and", "unless", "or"),
        AGGREGATIONS,
      )
      .map(
        ([of, by, op, aggregation]) =>
          `${of} ${op} on (${by.join(", ")}) ${/and|unless|or/.test(op) ? "" : "group_left () "}${aggregation} by (${by.join(", ")}) (${of})`,
      );
    // Labels are made of every digit of a value.
    const counted = mostly(
      [2, leaf],
      [1, joined("count_over_time(", range, ")")],
      [1, joined(leaf, " > bool ", number)],
    );
    return mostly(
      [2, leaf],
      [5, joined(OF_RANGES, "(", range, ")")],
      // Prometheus 2 moves a range that is fixed by @ with the moments of a range query, in this function only.
      [
        1,
        joined(
          "predict_linear(",
          selector,
          "[",
          DURATIONS,
          "]",
          maybe(joined(" offset ", DURATIONS)),
          ", ",
          number,
          ")",
        ),
      ],
      [1, joined("quantile_over_time(", QUANTILES, ", ", range, ")")],
      [1, joined("absent_over_time(", range, ")")],
      [3, joined(OF_VALUES, "(", inner, ")")],
      [1, joined(oneOf("clamp_min", "clamp_max", "round"), "(", inner, ", ", number, ")")],
      [1, joined("clamp(", inner, ", ", number, ", ", number, ")")],
      [1, joined("absent(", inner, ")")],
      [1, joined("vector(", number, ")")],
      [1, joined("-", mostly([1, leaf], [1, inner.map((text) => `(${text})`)]))],
      [1, inner.map((text) => `(${text})`)],
      [
        1,
        joined(
          "histogram_quantile(",
          QUANTILES,
          ", ",
          oneOf("rate", "increase"),
          "(",
          oneOf(...names.filter((name) => name.endsWith("_bucket"))),
          "[",
          DURATIONS,
          "]",
          shift,
          "))",
        ),
      ],
      [3, joined(AGGREGATIONS, maybe(grouping, 1), " (", inner, ")")],
      [2, joined(AGGREGATIONS, "(", inner, ")", maybe(grouping, 1))],
      [1, joined("quantile", maybe(grouping, 1), " (", QUANTILES, ", ", inner, ")")],
      // Prometheus 2 loses labels when that of the value does not come last.
      [1, joined("count_values", maybe(joined(" by ", labelLists)), ' ("zz", ', counted, ")")],
      [
        1,
        joined(
          "count_values",
          maybe(joined(" without ", labelLists)),
          ' ("',
          oneOf("value", ...labels),
          '", ',
          counted,
          ")",
        ),
      ],
      [
        1,
        joined(
          "label_replace(",
          inner,
          `, "`,
          oneOf("made", "pool", "__name__"),
          `", "`,
          oneOf("$1-x", "${1}", "$0$$", "", "a"),
          `", "`,
          oneOf(...labels, "__name__"),
          `", "`,
          oneOf("(.*)", "(.+)-.*", "w(.)b", "5(..)", "(?:a|w)(.*)"),
          `")`,
        ),
      ],
      [
        1,
        joined(
          "label_join(",
          inner,
          `, "`,
          oneOf("made", "pool"),
          `", "-", "`,
          oneOf(...labels),
          `", "`,
          oneOf(...labels),
          `")`,
        ),
      ],
      [2, joined(inner, " ", ARITHMETIC, " ", number)],
      [1, joined(number, " ", ARITHMETIC, " ", inner)],
      [2, joined(inner, " ", COMPARISONS, maybe(fc.constant(" bool"), 1), " ", number)],
      [1, joined(inner, " ", ARITHMETIC, maybe(matching, 1), " ", inner)],
      [1, joined(inner, " ", COMPARISONS, maybe(fc.constant(" bool"), 1), maybe(matching, 1), " ", inner)],
      [
        1,
        joined(
          inner,
          oneOf(" and ", " or ", " unless "),
          maybe(joined(oneOf("on ", "ignoring "), labelLists, " "), 1),
          inner,
        ),
      ],
      [6, likely],
    );
  };
  const scalar = (depth: number): fc.Arbitrary<string> =>
    depth === 0
      ? NUMBERS
      : mostly(
          [4, NUMBERS],
          [1, oneOf("pi()", "time()", "scalar(vector(2))")],
          [1, joined("scalar(", vector(depth - 1), ")")],
          [1, joined(scalar(depth - 1), " ", ARITHMETIC, " ", scalar(depth - 1))],
          [1, joined(scalar(depth - 1), " ", COMPARISONS, " bool ", scalar(depth - 1))],
          [1, joined("-", scalar(depth - 1))],
        );
  return mostly([6, vector(3)], [3, vector(2)], [1, scalar(2)]);
}
