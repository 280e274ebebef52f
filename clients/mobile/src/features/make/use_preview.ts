import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../../api/call";
import { type Fault, isAborted, toFault } from "../../api/fault";

/** Typing is followed after this much quiet. */
const QUIET_MS = 220;

export interface Wanted {
  title: string;
  subtitle: string;
  templateId: string;
  preset: string;
}

interface Shown extends Wanted {
  url: string;
}

/** The picture of what stands in the form; the last one stays until the next
    has come. */
export function usePreview(wanted: Wanted, isWanted: boolean): { shown: Shown | undefined; isBehind: boolean; fault: Fault | undefined } {
  const [shown, setShown] = useState<Shown>();
  const [fault, setFault] = useState<Fault>();
  const url = useRef<string>();
  const wish = JSON.stringify(wanted);

  useEffect(() => {
    if (!isWanted) return;
    const abort = new AbortController();
    const timer = setTimeout(() => void fetchPreview(), QUIET_MS);
    const fetchPreview = async () => {
      try {
        const picture = await call("POST /m/v1/covers/preview", {
          body: {
            title: wanted.title,
            subtitle: wanted.subtitle,
            templateId: wanted.templateId,
            sizes: [{ preset: wanted.preset }],
            seed: "1",
          },
          headers: { Accept: "image/webp" },
          signal: abort.signal,
        });
        const next = URL.createObjectURL(picture);
        if (url.current) URL.revokeObjectURL(url.current);
        url.current = next;
        setShown({ ...wanted, url: next });
        setFault(undefined);
      } catch (error) {
        if (!isAborted(error)) setFault(toFault(error));
      }
    };
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [wish, isWanted]);

  useEffect(() => () => void (url.current && URL.revokeObjectURL(url.current)), []);
  const isBehind = !fault && isWanted && wish !== JSON.stringify(shown && strip(shown));
  return { shown, isBehind, fault };
}

function strip({ title, subtitle, templateId, preset }: Shown): Wanted {
  return { title, subtitle, templateId, preset };
}
