import { useSignal } from "@preact/signals";
import type { HealthyPicture } from "../sandbox/healthy-picture.tsx";
import { StillPicture } from "./still-picture.tsx";

/** A lab that is well: still, and for whoever wants to see it move a small one that runs. */
export function Picture() {
  const moves = useSignal(false);
  const loaded = useSignal<{ readonly Moving: typeof HealthyPicture } | undefined>(undefined);
  function toggle(): void {
    moves.value = !moves.value;
    if (loaded.value) return;
    import("../sandbox/healthy-picture.tsx").then(
      ({ HealthyPicture: Moving }) => void (loaded.value = { Moving }),
      // It is there for the eye only, and stays still then.
      () => void (moves.value = false),
    );
  }
  return (
    <>
      {moves.value && loaded.value ? <loaded.value.Moving /> : <StillPicture />}
      <button type="button" class="picture-motion" aria-pressed={moves.value} onClick={toggle}>
        Show motion
      </button>
    </>
  );
}
