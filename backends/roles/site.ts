import type { CallResult } from "../call.ts";
import type { InstallRole } from "../toolkit.ts";

const HTML = "text/html; charset=utf-8";

/** A small program of another team: every request shows what its database has, or an error page. */
export const installSite: InstallRole = ({ config, app, caller, answerText, serve }) => {
  const database = config.calls?.database;
  // It does not look at bodies, whatever they are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => {
    payload.resume();
    payload.once("end", () => done(null));
  });

  app.all("/*", (request, reply) => {
    let shows = false;
    serve(request, reply, {
      start(service) {
        if (database === undefined) return;
        const release = service.hold();
        caller.get(database, "/query", (result: CallResult) => {
          shows = result.kind === "answer" && result.status === 200;
          release();
        });
      },
      done() {
        if (shows) answerText(reply, 200, HTML, page(config.name, "Welcome", "Today's programme"));
        else
          answerText(
            reply,
            500,
            HTML,
            page(config.name, "500 Internal Server Error", "Database unreachable"),
          );
      },
      refuse: () =>
        answerText(reply, 503, HTML, page(config.name, "503 Service Unavailable", "Too many requests")),
    });
  });
};

function page(program: string, title: string, text: string): string {
  return `<!doctype html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p><hr>${program}</body></html>\n`;
}
