import styles from "./Swatch.module.css";

/** A palette: the ground large at the left, the other colours in bands. */
export function Swatch({ colors }: { colors: readonly string[] }) {
  const [ground = "none", ...bands] = colors.slice(0, 6);
  const width = bands.length > 0 ? 28 / bands.length : 0;
  return (
    <svg className={styles.swatch} viewBox="0 0 56 32" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect width="56" height="32" fill={ground} />
      {bands.map((color, index) => (
        <rect key={index} x={28 + index * width} width={width + 0.5} height="32" fill={color} />
      ))}
    </svg>
  );
}
