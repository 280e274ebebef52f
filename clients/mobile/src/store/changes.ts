// Tells every page and the service worker that something kept has changed.

/** What may change. */
export type Topic = "session" | "covers" | "outbox" | "tasks" | "catalog" | "quota" | "usage";

type Listener = () => void;

const channel = new BroadcastChannel("covergen.changes");
const listeners = new Map<Topic, Set<Listener>>();

channel.onmessage = ({ data }: MessageEvent<Topic[]>) => tell(data);

/** Tells this page and all others. */
export function changed(...topics: Topic[]): void {
  tell(topics);
  channel.postMessage(topics);
}

function tell(topics: Topic[]): void {
  for (const topic of topics) for (const listener of listeners.get(topic) ?? []) listener();
}

/** Calls `listener` at every change of a topic; returns how to stop. */
export function onChange(topic: Topic, listener: Listener): () => void {
  const known = listeners.get(topic) ?? new Set();
  listeners.set(topic, known.add(listener));
  return () => known.delete(listener);
}
