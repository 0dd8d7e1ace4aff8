import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

/** A part of the page that is loaded when somebody opens it; `what` is how it is called while it is not there. */
export function loadedLater<P extends object>(
  what: string,
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  return function LoadedLater(props: P) {
    const loaded = useSignal<{ readonly Part: ComponentType<P> } | undefined>(undefined);
    const fault = useSignal(false);
    useEffect(() => {
      load().then(
        (Part) => void (loaded.value = { Part }),
        () => void (fault.value = true),
      );
    }, []);
    if (loaded.value) return <loaded.value.Part {...props} />;
    return (
      <p role="status" class="inside">
        {fault.value ? `${what} could not be loaded; load the page again.` : `${what} is being loaded.`}
      </p>
    );
  };
}
