import { describe, expect, it } from "vitest";
import { httpGet } from "../../lab/observe/scrape/http-get.ts";
import { during } from "../support/cleanup.ts";
import { deadUpstream, httpUpstream, resettingUpstream, stalledUpstream } from "../support/upstreams.ts";

const metrics = (port: number): string => `http://127.0.0.1:${port}/metrics`;
const deadline = (): AbortSignal => AbortSignal.timeout(15_000);

describe("a target's exposition over HTTP", () => {
  it("is its text, whatever pieces it comes in", async () => {
    const target = await during(
      httpUpstream((_request, response) => {
        response.write('a 1\nb{c="\u00e4');
        response.end('"} 2\n');
      }),
    );
    expect(await httpGet(metrics(target.port), deadline())).toBe('a 1\nb{c="ä"} 2\n');
    expect(target.requests[0]?.toLowerCase()).toContain("accept: text/plain;version=0.0.4");
  });

  it("is none with a status that is not good, and says which", async () => {
    const target = await during(httpUpstream((_request, response) => response.writeHead(503).end("a 1\n")));
    await expect(httpGet(metrics(target.port), deadline())).rejects.toThrow("HTTP status 503");
  });

  it("is not looked for elsewhere", async () => {
    const elsewhere = await during(httpUpstream((_request, response) => response.end("a 1\n")));
    const target = await during(
      httpUpstream((_request, response) =>
        response.writeHead(302, { location: metrics(elsewhere.port) }).end(),
      ),
    );
    await expect(httpGet(metrics(target.port), deadline())).rejects.toThrow();
    expect(elsewhere.requests).toEqual([]);
  });

  it("is none when it never ends, and the target is left", async () => {
    const chunk = "a".repeat(1024 * 1024);
    const target = await during(
      httpUpstream((_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", more);
        more();
      }),
    );
    await expect(httpGet(metrics(target.port), deadline())).rejects.toThrow(/more than \d+ bytes/);
  });

  it("is aborted with the scraper's signal", async () => {
    const target = await during(stalledUpstream());
    const signal = new AbortController();
    const scraping = httpGet(metrics(target.port), signal.signal);
    signal.abort(new Error("no answer within 1 s"));
    await expect(scraping).rejects.toThrow("no answer within 1 s");
  });

  it("is none when the connection is refused or reset", async () => {
    const dead = await during(deadUpstream());
    await expect(httpGet(metrics(dead.port), deadline())).rejects.toThrow("ECONNREFUSED");
    const resetting = await during(resettingUpstream());
    await expect(httpGet(metrics(resetting.port), deadline())).rejects.toThrow();
  });
});
