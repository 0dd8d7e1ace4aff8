import { render } from "preact";
import { openLiveWorld } from "../world/live-world.ts";
import { createConsoleState } from "../console-state.ts";
import { LiveConsole, NoLink } from "./live-console.tsx";
import { takeToken } from "./token.ts";

const page = document.querySelector("#page");
if (!page) throw new Error("the page has no place for the console");

const token = takeToken({ location, history, kept: sessionStorage });
// The next link may be opened in this tab, which only changes the fragment.
addEventListener("hashchange", () => {
  if (takeToken({ location, history, kept: sessionStorage }) !== token) location.reload();
});

if (token === undefined) render(<NoLink />, page);
else {
  const world = openLiveWorld(token);
  render(<LiveConsole world={world} state={createConsoleState(world)} />, page);
}
