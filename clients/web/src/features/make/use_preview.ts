import { useCallback, useEffect, useRef, useState } from "react";
import type { Fault } from "../../api/fault";
import { type PreviewInput, PreviewLoop, type PreviewPicture } from "./preview_loop";

/** The last picture stays until the next is decoded, even across a fault. */
export interface Preview {
  picture: PreviewPicture | undefined;
  fault: Fault | undefined;
  /** Asks for the present picture again. */
  retry: () => void;
}

/** Follows `input` with pictures; undefined asks for none. `place` is 0 for
    the first of several, which goes ahead of the others. */
export function usePreview(input: PreviewInput | undefined, place = 0): Preview {
  const [preview, setPreview] = useState<Omit<Preview, "retry">>({ picture: undefined, fault: undefined });
  const loop = useRef<PreviewLoop>(undefined);
  const key = JSON.stringify(input);

  useEffect(() => {
    const started = new PreviewLoop({
      onPicture: (picture) => setPreview({ picture, fault: undefined }),
      onFault: (fault) => setPreview(({ picture }) => ({ picture, fault })),
    }, place * 30);
    loop.current = started;
    return () => started.stop();
  }, [place]);

  const ask = useCallback(() => {
    if (key) loop.current?.ask(JSON.parse(key) as PreviewInput);
  }, [key]);

  useEffect(() => {
    ask();
    window.addEventListener("online", ask);
    return () => window.removeEventListener("online", ask);
  }, [ask]);

  return { ...preview, retry: ask };
}
