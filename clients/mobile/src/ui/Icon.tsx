/** Drawn on a grid of 24, with one width of line. */
const PATHS = {
  make: "M12 4v16M4 12h16",
  library: "M4 5.5A1.5 1.5 0 0 1 5.5 4h4A1.5 1.5 0 0 1 11 5.5v6A1.5 1.5 0 0 1 9.5 13h-4A1.5 1.5 0 0 1 4 11.500zM14 5.500A1.500 1.500 0 0 1 15.500 4h3A1.500 1.500 0 0 1 20 5.500v2A1.500 1.500 0 0 1 18.500 9h-3A1.500 1.500 0 0 1 14 7.500zM14 13.500a1.500 1.500 0 0 1 1.500-1.500h3a1.500 1.500 0 0 1 1.500 1.500v5a1.500 1.500 0 0 1-1.500 1.500h-3a1.500 1.500 0 0 1-1.500-1.500zM4 17.500A1.500 1.500 0 0 1 5.500 16h4a1.500 1.500 0 0 1 1.500 1.500v1A1.500 1.500 0 0 1 9.500 20h-4A1.500 1.500 0 0 1 4 18.500z",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c.8-3.600 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500",
  back: "M15 5l-7 7 7 7",
  star: "M12 3.600l2.600 5.400 5.900.8-4.300 4.100 1.100 5.900-5.300-2.900-5.300 2.900 1.100-5.900-4.300-4.100 5.900-.8z",
  trash: "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l.8 12.500h9.400L17.500 7M10 11v5M14 11v5",
  share: "M12 15V3.500M8 7l4-4 4 4M6 11H5v9.500h14V11h-1",
  download: "M12 4v11.500M7.500 11l4.500 4.500 4.500-4.500M4.500 20h15",
  refresh: "M20 5v5h-5M4.600 13.500a7.600 7.600 0 1 0 2-7.200L4 9M19.500 9.500",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.200l3.200 2",
  warning: "M12 4l9 16H3zM12 10v4.500M12 17.300v.2",
  close: "M6 6l12 12M18 6L6 18",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  cloudOff: "M7 18.500h10.500a4 4 0 0 0 1.600-7.600M16.500 9.500A6 6 0 0 0 8 6.200M5.800 9.300A4.700 4.700 0 0 0 7 18.500M4 4l16 16",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 2h-15zM10 21h4",
  phone: "M7.500 3h9A1.500 1.500 0 0 1 18 4.500v15a1.500 1.500 0 0 1-1.500 1.500h-9A1.500 1.500 0 0 1 6 19.500v-15A1.500 1.500 0 0 1 7.500 3zM11 18h2",
  check: "M5 12.500l4.500 4.500L19 7.500",
} as const;

export type IconName = keyof typeof PATHS;

/** A sign beside words; it says nothing by itself. */
export function Icon({ name, size = 22, filled = false }: { name: IconName; size?: number; filled?: boolean }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={filled ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
