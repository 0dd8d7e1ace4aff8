import { loadedLater } from "../parts/loaded-later.tsx";

/** What a journal is watched with, loaded when somebody wants it. */
export const RecordWatch = loadedLater(
  "The journal",
  async () => (await import("./record-watch.tsx")).RecordWatch,
);
