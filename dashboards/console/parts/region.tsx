import type { ComponentChildren } from "preact";

interface RegionProps {
  readonly name: string;
  readonly about?: string;
  /** The command that shows or does the same. */
  readonly command?: string;
  /** Buttons at its head. */
  readonly controls?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of the page that can be found by its name, with the command that does the same at its head. */
export const Region = ({ name, about, command, controls, children }: RegionProps) => (
  <section aria-label={name}>
    <header>
      <h2>
        {name}
        {about !== undefined && <small>{about}</small>}
      </h2>
      <span class="space" />
      {command !== undefined && <code class="same">npx lblab {command}</code>}
      {controls}
    </header>
    {children}
  </section>
);
