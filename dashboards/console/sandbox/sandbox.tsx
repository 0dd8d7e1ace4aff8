import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SandboxPage } from "./sandbox-page.tsx";

/** The sandbox, which is loaded when somebody opens it: its settings are checked by the balancer's own schemas. */
export function Sandbox({ fragment }: { readonly fragment: string }) {
  const loaded = useSignal<{ readonly Page: typeof SandboxPage } | undefined>(undefined);
  const fault = useSignal(false);
  useEffect(() => {
    import("./sandbox-page.tsx").then(
      (page) => void (loaded.value = { Page: page.SandboxPage }),
      () => void (fault.value = true),
    );
  }, []);
  if (loaded.value) return <loaded.value.Page fragment={fragment} />;
  return (
    <p role="status" class="inside">
      {fault.value ? "The sandbox could not be loaded; load the page again." : "The sandbox is being loaded."}
    </p>
  );
}
