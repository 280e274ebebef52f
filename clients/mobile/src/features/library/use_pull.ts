import { useEffect, useRef, useState } from "preact/hooks";

/** Pulled this far, in CSS pixels, the release refreshes. */
const FAR_ENOUGH = 72;

export interface Pull {
  /** How far the page is pulled, 0 while it is not. */
  distance: number;
  isFarEnough: boolean;
}

/** Pull to refresh: a finger that draws the page down from its very top. */
export function usePull(onRefresh: () => void): Pull {
  const [distance, setDistance] = useState(0);
  const refresh = useRef(onRefresh);
  refresh.current = onRefresh;
  useEffect(() => {
    let startY: number | undefined;
    let pulled = 0;
    const move = (to: number) => {
      pulled = to;
      setDistance(to);
    };
    const onStart = ({ touches }: TouchEvent) => {
      startY = scrollY <= 0 && touches.length === 1 ? touches[0]?.clientY : undefined;
    };
    const onMove = ({ touches }: TouchEvent) => {
      const y = touches[0]?.clientY;
      if (startY === undefined || y === undefined) return;
      // The page resists ever more the further it is drawn.
      const drawn = Math.max(0, y - startY);
      move(Math.min(120, drawn * 0.55));
    };
    const onEnd = () => {
      if (pulled >= FAR_ENOUGH) refresh.current();
      startY = undefined;
      move(0);
    };
    const passive = { passive: true };
    addEventListener("touchstart", onStart, passive);
    addEventListener("touchmove", onMove, passive);
    addEventListener("touchend", onEnd, passive);
    addEventListener("touchcancel", onEnd, passive);
    return () => {
      removeEventListener("touchstart", onStart);
      removeEventListener("touchmove", onMove);
      removeEventListener("touchend", onEnd);
      removeEventListener("touchcancel", onEnd);
    };
  }, []);
  return { distance, isFarEnough: distance >= FAR_ENOUGH };
}
