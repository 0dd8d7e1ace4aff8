import "./looking.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { messageOf } from "../../../runtime/errors.ts";

interface LookingProps<T> {
  /** Asks the lab: as a look at first, as a page's refresh from then on. */
  readonly read: (options: { readonly background: boolean }) => Promise<T>;
  /** Another value is another thing that is looked at. */
  readonly subject: string;
  readonly everyMs?: number;
  readonly children: (value: T) => ComponentChildren;
}

const FAILED_EVERY_MS = 2000;

/**
 * What is read of the lab because somebody opened it. The first read of a subject is a look; those that keep it up to date while it
 * is open are not.
 */
export function Looking<T>({ read, subject, everyMs = 2000, children }: LookingProps<T>) {
  const found = useSignal<{ readonly subject: string; readonly value: T } | undefined>(undefined);
  const fault = useSignal<string | undefined>(undefined);
  useEffect(() => {
    let open = true;
    let timer: ReturnType<typeof setTimeout>;
    async function turn(background: boolean): Promise<void> {
      try {
        const value = await read({ background });
        if (!open) return;
        found.value = { subject, value };
        fault.value = undefined;
      } catch (error) {
        if (open) fault.value = messageOf(error);
      }
      const againMs = fault.value === undefined ? everyMs : Math.min(everyMs, FAILED_EVERY_MS);
      if (open) timer = setTimeout(() => void turn(true), againMs);
    }
    void turn(false);
    return () => {
      open = false;
      clearTimeout(timer);
    };
  }, [subject]);
  const { value } = found;
  return (
    <>
      {fault.value !== undefined && <p class="bad inside">{fault.value}</p>}
      {value?.subject === subject ? children(value.value) : <p class="soft inside">Reading…</p>}
    </>
  );
}
