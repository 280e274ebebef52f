import type { GenerateRequest } from "../gen/api";
import { changed } from "./changes";
import { readAll, transact } from "./database";
import { readValue } from "./meta";

/** A cover that was asked for and may not have reached the platform yet. */
export interface Wish {
  /** Idempotency key: it is sent with every attempt, so that one whose answer
      got lost makes nothing twice. */
  key: string;
  /** Who asked for it. */
  personId: string;
  request: GenerateRequest;
  /** Proportion of its first size, width by height. */
  ratio: number;
  createdAt: number;
  /** When it was first sent, whatever came of it. */
  firstTriedAt?: number;
  /** Why the platform refused it, as a stable reason and in words. */
  refusal?: { reason: string; detail: string };
}

/** Keeps a wish before anything is sent. */
export async function keepWish(request: GenerateRequest, ratio: number): Promise<Wish> {
  const person = await readValue("person");
  if (!person) throw new Error("nobody is signed in");
  const wish: Wish = { key: crypto.randomUUID(), personId: person.id, request, ratio, createdAt: Date.now() };
  await transact(["outbox"], (tx) => tx.put("outbox", wish));
  changed("outbox");
  return wish;
}

/** Wishes in the order they were made. */
export async function readWishes(): Promise<Wish[]> {
  return (await readAll("outbox")).sort((a, b) => a.createdAt - b.createdAt);
}

export async function updateWish(wish: Wish): Promise<void> {
  await transact(["outbox"], async (tx) => {
    // Somebody may have withdrawn it while it was being sent.
    if (await tx.get("outbox", wish.key)) tx.put("outbox", wish);
  });
  changed("outbox");
}

export async function withdrawWish(key: string): Promise<void> {
  await transact(["outbox"], (tx) => tx.remove("outbox", key));
  changed("outbox");
}
