import { h, type VNode } from "preact";
import type { Svg } from "../../../lab/chart/svg.ts";

/** A picture of `lab/chart/` as elements of the page: text stays text. */
export const Drawn = ({ svg }: { readonly svg: Svg }): VNode =>
  h(
    svg.name,
    svg.attributes,
    ...svg.children.map((child) => (typeof child === "string" ? child : <Drawn svg={child} />)),
  );
