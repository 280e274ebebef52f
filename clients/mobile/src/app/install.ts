import { useEffect, useState } from "preact/hooks";

/** Chromium's offer to install, which the DOM library does not know. */
interface InstallEvent extends Event {
  prompt(): Promise<{ outcome: "accepted" | "dismissed" }>;
}

export type InstallOffer = "none" | "ios" | (() => Promise<void>);

const CHANGED = "covergen:install";
let offer: InstallEvent | undefined;

/** Keeps the browser's offer until somebody wants it. */
export function watchInstall(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallEvent;
    dispatchEvent(new Event(CHANGED));
  });
  addEventListener("appinstalled", () => {
    offer = undefined;
    dispatchEvent(new Event(CHANGED));
  });
}

/** How the app can be installed here, if it is not yet. */
export function useInstall(): InstallOffer {
  const [, again] = useState(0);
  useEffect(() => {
    const follow = () => again((count) => count + 1);
    addEventListener(CHANGED, follow);
    return () => removeEventListener(CHANGED, follow);
  }, []);
  if (matchMedia("(display-mode: standalone)").matches) return "none";
  const current = offer;
  if (current) {
    return async () => {
      await current.prompt();
      // An offer can be made once.
      offer = undefined;
      dispatchEvent(new Event(CHANGED));
    };
  }
  return /iPhone|iPad/.test(navigator.userAgent) ? "ios" : "none";
}
