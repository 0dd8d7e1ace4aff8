import { loadedLater } from "../parts/loaded-later.tsx";

/** The page of a journal, loaded when somebody opens one. */
export const Record = loadedLater("The journal", async () => (await import("./record-page.tsx")).RecordPage);
