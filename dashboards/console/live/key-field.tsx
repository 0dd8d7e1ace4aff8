import { useSignal } from "@preact/signals";

const KEY = /([\w-]{16,128})$/;

/** Takes the key of a lab, or the link that ends with it, as if that link had been opened. */
export function KeyField() {
  const text = useSignal("");
  const key = KEY.exec(text.value.trim())?.[1];
  return (
    <form
      class="line"
      onSubmit={(event) => {
        event.preventDefault();
        if (key !== undefined) location.hash = `#token=${key}`;
      }}
    >
      <label>
        link or key{" "}
        <input
          class="mono"
          autocomplete="off"
          spellcheck={false}
          value={text.value}
          onInput={(e) => void (text.value = e.currentTarget.value)}
        />
      </label>
      <button type="submit" class="main" disabled={key === undefined}>
        Open the lab
      </button>
    </form>
  );
}
