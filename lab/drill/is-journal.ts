/** True for the text of a drill's journal, by its first line. */
export const isJournal = (text: string): boolean =>
  /^\{"seq":1,[^\n]*"event":"created"/.test(text.slice(0, 2000));
