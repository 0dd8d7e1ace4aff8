import { render } from "preact";
import { App } from "./app.tsx";

const page = document.querySelector("#page");
if (!page) throw new Error("the page has no place for the console");
render(<App />, page);
