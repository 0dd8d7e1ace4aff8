import { expect, it } from "vitest";
import { statsPage } from "../../../lb/admin/stats-page.ts";

const HOSTILE = `<script>alert("x")</script>&'`;

it("the statistics page shows names as text, whatever they are made of", () => {
  const row = { pxname: HOSTILE, svname: `"><img src=x>`, status: `UP" onclick="x`, weight: 1 };
  const page = statsPage([row], 1, new Map([[HOSTILE, 0]]));
  for (const raw of ["<script", "<img", '" onclick']) expect(page).not.toContain(raw);
  expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;");
});
