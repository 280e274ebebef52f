/** How long calls are counted to what the person did last: what a page asks
    for by itself later belongs to nobody's action. */
const ACTION_MS = 30_000;

/** Events of something a person did that may lead to calls. */
const DOINGS = ["click", "submit", "change", "keydown", "drop"] as const;

let action = { id: "", endsAt: 0 };

for (const doing of DOINGS) {
  // Before any handler of the page, which may call at once.
  window.addEventListener(doing, begin, { capture: true, passive: true });
}

function begin(): void {
  action = { id: hex(16), endsAt: Date.now() + ACTION_MS };
}

/**
 * The place of a call in the trace of what the person did, as W3C Trace Context
 * has it: one trace for each action, one span for each call. The browser
 * exports no spans; those of the platform begin below this one.
 */
export function traceparent(): string {
  if (Date.now() > action.endsAt) begin();
  return `00-${action.id}-${hex(8)}-01`;
}

/** Random, and never all zero. */
function hex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  if (random.every((byte) => byte === 0)) return hex(bytes);
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
