// What the phone keeps: who is signed in, the library, wishes that wait for a
// connection and tasks that are being worked on. Pages and the service worker
// share it, so that either may go on where the other was ended.
import type { Wish } from "./outbox";
import type { KeptCover } from "./covers";
import type { KeptTask } from "./tasks";

const NAME = "covergen";
const VERSION = 1;

/** Stores by name, each with what it holds. */
export interface Stores {
  meta: { name: string; value: unknown };
  covers: KeptCover;
  outbox: Wish;
  tasks: KeptTask;
}

const KEY_PATHS: Record<keyof Stores, string> = { meta: "name", covers: "id", outbox: "key", tasks: "taskId" };

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(KEY_PATHS)) request.result.createObjectStore(store, { keyPath });
    };
    request.onsuccess = () => {
      const database = request.result;
      // A newer version of the app, in another tab, must not wait for us.
      database.onversionchange = () => database.close();
      database.onclose = () => (opening = undefined);
      resolve(database);
    };
    request.onerror = () => reject(request.error);
  }).catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

/** The stores of one transaction. */
export class Transaction {
  readonly #transaction: IDBTransaction;

  constructor(transaction: IDBTransaction) {
    this.#transaction = transaction;
  }

  put<S extends keyof Stores>(store: S, record: Stores[S]): void {
    this.#transaction.objectStore(store).put(record);
  }

  remove(store: keyof Stores, key: string): void {
    this.#transaction.objectStore(store).delete(key);
  }

  clear(store: keyof Stores): void {
    this.#transaction.objectStore(store).clear();
  }

  get<S extends keyof Stores>(store: S, key: string): Promise<Stores[S] | undefined> {
    return settled(this.#transaction.objectStore(store).get(key));
  }

  all<S extends keyof Stores>(store: S): Promise<Stores[S][]> {
    return settled(this.#transaction.objectStore(store).getAll());
  }
}

function settled<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error);
  });
}

/** Runs `work` in one transaction and waits until it is on the disk. Only
    requests of that transaction may be awaited within. */
export async function transact<T>(stores: (keyof Stores)[], work: (tx: Transaction) => Promise<T> | T): Promise<T> {
  const database = await open();
  const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
  });
  let result: T;
  try {
    result = await work(new Transaction(transaction));
  } catch (error) {
    done.catch(() => undefined);
    transaction.abort();
    throw error;
  }
  await done;
  return result;
}

/** Everything in a store. */
export async function readAll<S extends keyof Stores>(store: S): Promise<Stores[S][]> {
  const database = await open();
  return settled(database.transaction(store).objectStore(store).getAll());
}

/** One record. */
export async function read<S extends keyof Stores>(store: S, key: string): Promise<Stores[S] | undefined> {
  const database = await open();
  return settled(database.transaction(store).objectStore(store).get(key));
}
