import { useEffect, useState } from "preact/hooks";
import { onChange, type Topic } from "../store/changes";

/** What `read` gives, now and after every change of a topic; undefined until
    it was read. */
export function useLive<T>(topics: Topic[], read: () => Promise<T>, key = ""): T | undefined {
  const [value, setValue] = useState<{ key: string; value: T }>();
  useEffect(() => {
    let isCurrent = true;
    let turn = 0;
    const refresh = () => {
      const mine = ++turn;
      void read().then((found) => {
        if (isCurrent && mine === turn) setValue({ key, value: found });
      });
    };
    refresh();
    const stops = topics.map((topic) => onChange(topic, refresh));
    return () => {
      isCurrent = false;
      for (const stop of stops) stop();
    };
    // What is read depends on the key alone.
  }, [key]);
  return value?.key === key ? value.value : undefined;
}
