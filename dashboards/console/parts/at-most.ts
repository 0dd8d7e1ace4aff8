import { effect, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** What a signal holds, taken over at most once in `everyMs`: a page that draws each change of it draws too much. */
export function useAtMost<T>(source: ReadonlySignal<T>, everyMs: number): ReadonlySignal<T> {
  const taken = useSignal(source.peek());
  useEffect(() => {
    let last = -Infinity;
    let timer: ReturnType<typeof setTimeout> | undefined;
    function take(): void {
      timer = undefined;
      last = performance.now();
      taken.value = source.peek();
    }
    const cancel = effect(() => {
      void source.value;
      timer ??= setTimeout(take, Math.max(0, last + everyMs - performance.now()));
    });
    return () => {
      cancel();
      clearTimeout(timer);
    };
  }, [source, everyMs]);
  return taken;
}
