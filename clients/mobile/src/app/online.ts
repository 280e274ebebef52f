import { useEffect, useState } from "preact/hooks";

/** Whether the phone says that it has a connection. */
export function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const follow = () => setOnline(navigator.onLine);
    for (const event of ["online", "offline"]) addEventListener(event, follow);
    return () => {
      for (const event of ["online", "offline"]) removeEventListener(event, follow);
    };
  }, []);
  return isOnline;
}
