/** An idempotency key: the same key with the same request happens once. */
export function newRequestId(): string {
  // randomUUID exists in secure contexts only; the platform may be tried out
  // over plain HTTP on a local network.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
