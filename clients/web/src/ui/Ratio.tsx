/** The shape of a size. All have the same area, as sheets of one stock would,
    so that none looks more important for being square. */
export function Ratio({ width, height, box = 22 }: { width: number; height: number; box?: number }) {
  const side = box * 0.62;
  const longest = box - 2;
  const scale = Math.min(side / Math.sqrt(width * height), longest / Math.max(width, height));
  const w = width * scale;
  const h = height * scale;
  return (
    <svg width={box} height={box} viewBox={`0 0 ${box} ${box}`} aria-hidden="true" focusable="false">
      <rect
        x={(box - w) / 2}
        y={(box - h) / 2}
        width={w}
        height={h}
        rx="1.5"
        fill="currentColor"
        fillOpacity="0.16"
        stroke="currentColor"
        strokeWidth="1.4"
      />
    </svg>
  );
}
