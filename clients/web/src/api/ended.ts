type Listener = () => void;

const listeners = new Set<Listener>();

/** Tells the app that the session is over and cannot be renewed. */
export function sessionEnded(): void {
  for (const listener of listeners) listener();
}

/** Calls `listener` whenever the session has ended; returns how to stop. */
export function onSessionEnded(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
