import type { Preset, Quota, Template } from "../gen/api";
import { changed, type Topic } from "./changes";
import { read, transact } from "./database";

/** Who is signed in on this phone. */
export interface Person {
  id: string;
  email: string;
  displayName: string;
}

/** What the form for a new cover offers, kept so that it opens offline too. */
export interface KeptCatalog {
  templates: Pick<Template, "id" | "name" | "category" | "isPremium">[];
  presets: Pick<Preset, "id" | "name" | "width" | "height">[];
}

/** Single values by name. */
interface Values {
  person: Person;
  /** Where the next delta of the library begins. */
  cursor: string;
  catalog: KeptCatalog;
  quota: Quota;
  /** Id of this device's push subscription, while it is told. */
  push: string;
}

const TOPICS: Record<keyof Values, Topic> = {
  person: "session",
  cursor: "covers",
  catalog: "catalog",
  quota: "quota",
  push: "session",
};

export async function readValue<N extends keyof Values>(name: N): Promise<Values[N] | undefined> {
  return (await read("meta", name))?.value as Values[N] | undefined;
}

/** Keeps a value for whoever is signed in; an answer that comes after they
    have signed out is for nobody. */
export async function keepValue<N extends keyof Values>(name: N, value: Values[N]): Promise<void> {
  await transact(["meta"], async (tx) => {
    if (await tx.get("meta", "person")) tx.put("meta", { name, value });
  });
  changed(TOPICS[name]);
}

export async function forgetValue(name: keyof Values): Promise<void> {
  await transact(["meta"], (tx) => tx.remove("meta", name));
  changed(TOPICS[name]);
}
