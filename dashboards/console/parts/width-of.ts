import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** How wide an element is, in whole pixels; `first` until it is known. */
export function useWidthOf(place: RefObject<HTMLElement | null>, first: number): number {
  const width = useSignal(first);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = (): void => {
      const found = Math.round(element.clientWidth);
      if (found > 0) width.value = found;
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width.value;
}
