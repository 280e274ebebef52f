// The app itself: every file of one version, kept together.

declare const self: ServiceWorkerGlobalScope;

/** Filled in by the build. */
declare const __SHELL_FILES__: string[];
declare const __SHELL_VERSION__: string;

const PREFIX = "covergen-shell-";
const SHELL = PREFIX + __SHELL_VERSION__;
const PAGE = "/index.html";

/** Fetches every file past the HTTP cache; all of them, or the version is not
    installed. */
export async function installShell(): Promise<void> {
  const cache = await caches.open(SHELL);
  await cache.addAll(__SHELL_FILES__.map((path) => new Request(path, { cache: "reload" })));
}

export async function dropOldShells(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** A file of the app; for every page its one document. */
export async function answerShell(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const wanted = request.mode === "navigate" ? PAGE : new URL(request.url).pathname;
  return (await cache.match(wanted)) ?? fetch(request);
}
