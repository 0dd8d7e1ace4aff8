import type { CallResult } from "../call.ts";
import type { CreateRole } from "../toolkit.ts";

const HTML = "text/html; charset=utf-8";

/** A small program of another team: every answer shows its database's content, or an error page. */
export const createSite: CreateRole = ({ config, caller }) => {
  const database = config.calls?.database;
  const shown = page(config.name, "Welcome", "Today's programme");
  const failed = page(config.name, "500 Internal Server Error", "Database unreachable");
  const refused = page(config.name, "503 Service Unavailable", "Too many requests");
  return {
    ignoresBodies: true,
    routes: [
      {
        method: "any",
        path: "/*",
        handle(_request, reply) {
          let shows = false;
          reply.serve({
            start(service) {
              if (database === undefined) return;
              const release = service.hold();
              caller.get(database, "/query", (result: CallResult) => {
                shows = result.kind === "answer" && result.status === 200;
                release();
              });
            },
            done: () => (shows ? reply.answerText(200, HTML, shown) : reply.answerText(500, HTML, failed)),
            refuse: () => reply.answerText(503, HTML, refused),
          });
        },
      },
    ],
  };
};

function page(program: string, title: string, text: string): string {
  return `<!doctype html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p><hr>${program}</body></html>\n`;
}
