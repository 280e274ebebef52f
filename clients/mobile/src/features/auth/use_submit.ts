import { useState } from "preact/hooks";
import { type Fault, toFault } from "../../api/fault";

/** One sending of a form at a time, and what went wrong with the last. */
export function useSubmit(): { isBusy: boolean; fault: Fault | undefined; submit: (work: () => Promise<void>) => void } {
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const submit = (work: () => Promise<void>) => {
    if (isBusy) return;
    setBusy(true);
    setFault(undefined);
    work()
      .catch((error: unknown) => setFault(toFault(error)))
      .finally(() => setBusy(false));
  };
  return { isBusy, fault, submit };
}
