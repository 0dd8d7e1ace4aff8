import { expect, test } from "vitest";
import { carried, sessionOf } from "../../backends/session-cookie.ts";

test("a session is found among other cookies, wherever it stands", () => {
  const session = { server: "auth.eu-1", token: "k3x0x9" };
  const cookie = `session=${carried(session)}`;
  for (const header of [cookie, `user=a; ${cookie}`, `${cookie}; lb=web-1`, `a=b;${cookie} ;c=d`])
    expect(sessionOf(header)).toEqual(session);
});

test("what cannot be a session of ours is none", () => {
  for (const header of [
    undefined,
    "",
    "session=",
    "session=auth-1",
    "session=auth-1.",
    "session=.x",
    "session=auth-1.../../metrics",
    "session=auth-1.a/b",
    "xsession=auth-1.a",
  ])
    expect([header, sessionOf(header)]).toEqual([header, undefined]);
});
