import { changed } from "./changes";
import { readAll, transact } from "./database";
import { type Person, readValue } from "./meta";

/** Remembers who signed in. What somebody else left on this phone goes. */
export async function openFor(person: Person): Promise<void> {
  const before = await readValue("person");
  if (before && before.id !== person.id) await forgetEverything();
  await transact(["meta"], (tx) => {
    tx.put("meta", { name: "person", value: person });
    tx.remove("meta", "ended");
  });
  changed("session");
}

/** The session is over, but not by its owner's wish: what is kept stays for
    them, behind the sign-in. */
export async function markEnded(): Promise<void> {
  await transact(["meta"], async (tx) => {
    if (await tx.get("meta", "person")) tx.put("meta", { name: "ended", value: true });
  });
  changed("session");
}

/** Who may see what is kept here: nobody after the session has ended. */
export async function personSignedIn(): Promise<Person | undefined> {
  const values = new Map((await readAll("meta")).map(({ name, value }) => [name, value]));
  return values.get("ended") ? undefined : (values.get("person") as Person | undefined);
}

/** Empties everything that this phone keeps of a person, pictures included. */
export async function forgetEverything(): Promise<void> {
  await transact(["meta", "covers", "outbox", "tasks"], (tx) => {
    for (const store of ["meta", "covers", "outbox", "tasks"] as const) tx.clear(store);
  });
  await globalThis.caches?.delete(IMAGES);
  changed("session", "covers", "outbox", "tasks", "quota");
}

/** Name of the cache that holds pictures. */
export const IMAGES = "covergen-images";
