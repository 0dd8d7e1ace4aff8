import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The page's look inside an editor: its names cross the border of a shadow root, its rules do not. */
const look = EditorView.theme({
  "&": {
    color: "var(--ink)",
    backgroundColor: "var(--sheet)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    font: "var(--code)",
  },
  "&.cm-focused": { outline: "2px solid var(--flow)", outlineOffset: "1px" },
  ".cm-scroller": { font: "var(--code)", overflow: "auto", maxHeight: "min(60vh, 480px)" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": {
    backgroundColor: "var(--well)",
    color: "var(--soft)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLineGutter": { color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--line)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--sheet)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    font: "var(--code)",
    maxWidth: "360px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--ink)",
    color: "var(--paper)",
  },
  ".cm-completionDetail": { color: "inherit", fontStyle: "normal" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--flow)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--flow)" },
  ".cm-panels": { backgroundColor: "var(--well)", color: "var(--ink)" },
  ".cm-collapsedLines": { color: "var(--soft)", background: "var(--well)" },
  ".cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--well)" },
  ".cm-deletedChunk": { backgroundColor: "var(--well)" },
  ".cm-deletedChunk .cm-deletedText, .cm-deletedLine del": {
    background: "none",
    textDecoration: "line-through",
  },
  "&.cm-merge-b .cm-changedText": { background: "none", borderBottom: "2px solid var(--flow)" },
});

const words = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)" },
  { tag: [tags.definition(tags.propertyName), tags.propertyName, tags.labelName], color: "var(--flow)" },
  { tag: [tags.keyword, tags.function(tags.variableName), tags.operatorKeyword], fontWeight: "650" },
  { tag: [tags.string, tags.number, tags.bool], color: "var(--ok)" },
]);

export const LOOK = [look, syntaxHighlighting(words)];
