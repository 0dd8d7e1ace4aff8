import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  completionKeymap,
  type CompletionContext,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml, yamlLanguage } from "@codemirror/lang-yaml";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { forceLinting, linter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorSelection, EditorState, Prec, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import type { Finding } from "../../../lb/config/lint/lint.ts";
import schema from "../../../lb/config/schema.json";
import { completionAt } from "../configuration/schema-completion.ts";
import type { LabMetrics } from "../query/lab-metrics.ts";
import { LOOK } from "./editor-theme.ts";
import { placeIn } from "./finding-place.ts";
import type { EditorPlace, MountedEditor } from "./mounted-editor.ts";

/** An editor of the balancer's configuration: its lint is `config check` itself, its completion the schema's. */
export const mountYaml = (
  place: EditorPlace,
  check: (text: string) => Promise<readonly Finding[]>,
): MountedEditor =>
  mount(place, [
    lineNumbers(),
    yaml(),
    indentUnit.of("  "),
    linter(
      async ({ state }) => {
        const text = state.doc.toString();
        return (await check(text)).map((finding) => ({
          ...placeIn(text, finding),
          severity: finding.severity,
          message: `${finding.code}: ${finding.message}`,
        }));
      },
      { delay: 500 },
    ),
    yamlLanguage.data.of({ autocomplete: completeConfig }),
  ]);

function completeConfig({ state, pos, explicit }: CompletionContext) {
  const found = completionAt(schema, state.doc.toString(), pos);
  if (!found || (!explicit && found.from === pos)) return null;
  return {
    from: found.from,
    validFor: /^[\w.-]*$/,
    options: found.options.map(({ label, kind, detail, description }) => ({
      label,
      type: kind === "field" ? "property" : "enum",
      apply: kind === "field" ? `${label}: ` : label,
      ...(detail === "" ? {} : { detail }),
      ...(description === "" ? {} : { info: description }),
    })),
  };
}

/** An editor of one PromQL expression; Enter asks it, Shift-Enter breaks the line. */
export const mountPromql = (place: EditorPlace, metrics: LabMetrics, ask: () => void): MountedEditor =>
  mount(place, [
    EditorView.lineWrapping,
    Prec.high(
      keymap.of([
        {
          key: "Enter",
          run: (view) => {
            if (acceptCompletion(view)) return true;
            ask();
            return true;
          },
        },
      ]),
    ),
    new PromQLExtension()
      .activateLinter(true)
      .setComplete({ remote: metrics, maxMetricsMetadata: 0 })
      .asExtension(),
  ]);

/** What differs between two texts: the later one, with what it no longer has struck out above. */
export const mountDiff = (place: EditorPlace, before: string): MountedEditor =>
  mount(place, [
    lineNumbers(),
    yaml(),
    EditorState.readOnly.of(true),
    EditorView.lineWrapping,
    unifiedMergeView({
      original: before,
      mergeControls: false,
      collapseUnchanged: { margin: 2, minSize: 4 },
      gutter: true,
    }),
  ]);

function mount({ root, label, text, onText }: EditorPlace, extensions: readonly Extension[]): MountedEditor {
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        ...extensions,
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        keymap.of([...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onText?.(update.state.doc.toString());
        }),
        LOOK,
      ],
    }),
  });
  const offset = (line: number, column: number): number =>
    placeIn(view.state.doc.toString(), { line, column }).from;
  return {
    setText(next) {
      if (next === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      forceLinting(view);
    },
    goTo({ line, column }) {
      view.dispatch({ selection: EditorSelection.cursor(offset(line, column)), scrollIntoView: true });
      view.focus();
    },
    mark({ line, column, message }) {
      const range = placeIn(view.state.doc.toString(), { line, column });
      view.dispatch(setDiagnostics(view.state, [{ ...range, severity: "error", message }]));
    },
    close: () => view.destroy(),
  };
}
