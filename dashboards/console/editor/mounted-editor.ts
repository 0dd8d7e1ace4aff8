/** Where an editor goes. A shadow root takes its styles as objects: the page's policy allows no inline ones. */
export interface EditorPlace {
  readonly root: ShadowRoot;
  /** Its accessible name. */
  readonly label: string;
  readonly text: string;
  readonly onText?: (text: string) => void;
}

/** Lines and columns count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** An editor on the page, until it is closed. */
export interface MountedEditor {
  /** Puts another text into it; its own text changes nothing. */
  setText(text: string): void;
  /** Moves the cursor and the focus there. */
  goTo(place: TextPlace): void;
  /** Marks a place as the one of a fault. */
  mark(fault: TextPlace & { readonly message: string }): void;
  close(): void;
}
