import { useEffect, useState } from "react";

/** Long enough for an element to have the next picture. */
const AFTERWARDS_MS = 1_000;

/** An address for a blob, for as long as it is shown. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return setUrl(undefined);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => {
      window.setTimeout(() => URL.revokeObjectURL(made), AFTERWARDS_MS);
    };
  }, [blob]);
  return url;
}
