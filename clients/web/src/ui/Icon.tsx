import type { ReactElement } from "react";

const PATHS = {
  make: <path d="M4 20l1-4L16.5 4.5a2 2 0 0 1 3 3L8 19l-4 1zM14 7l3 3" />,
  library: <path d="M4 5h7v14H4zM14 5h6v6h-6zM14 14h6v5h-6z" />,
  account: <path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0" />,
  shuffle: <path d="M4 7h3l10 10h3M4 17h3l3-3M14 10l3-3h3M18 4.500l2.5 2.500L18 9.500M18 14.500l2.5 2.5-2.5 2.5" />,
  download: <path d="M12 4v11M7.5 11L12 15.5 16.5 11M5 20h14" />,
  check: <path d="M5 12.500l4.5 4.500L19 7.5" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  warning: <path d="M12 4.500l8.5 15h-17zM12 10.500v4M12 17v.1" />,
  info: <path d="M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5M12 8v.1" />,
  offline: <path d="M3 8.500a14 14 0 0 1 4-2.500M21 8.500A14 14 0 0 0 11 5M6 12.500a9 9 0 0 1 4-2.300M18 12.500a9 9 0 0 0-2-1.400M9.5 16a4 4 0 0 1 5 0M12 19v.1M4 4l16 16" />,
  star: <path d="M12 4q0 8 8 8-8 0-8 8 0-8-8-8 8 0 8-8z" />,
  chevron: <path d="M7 10l5 5 5-5" />,
  back: <path d="M14 6l-6 6 6 6" />,
  export: <path d="M14 4h6v6M20 4l-8.5 8.500M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5" />,
  eye: <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z" />,
  laptop: <path d="M5 6h14v9H5zM3 18.500h18" />,
  phone: <path d="M8 3.500h8v17H8zM11 17.500h2" />,
  copy: <path d="M9 9h10v11H9zM5 15V4h10" />,
  search: <path d="M11 17.500a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM16 16l4.500 4.500" />,
  heart: <path d="M12 19.500S4 14.500 4 9.200A4.200 4.200 0 0 1 12 7.500a4.200 4.200 0 0 1 8 1.700c0 5.300-8 10.300-8 10.300z" />,
  heartFull: (
    <path fill="currentColor" d="M12 19.500S4 14.500 4 9.200A4.200 4.200 0 0 1 12 7.500a4.200 4.200 0 0 1 8 1.700c0 5.300-8 10.300-8 10.300z" />
  ),
  trash: <path d="M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 13h9l1-13M10 11v5M14 11v5" />,
  plus: <path d="M12 5v14M5 12h14" />,
  upload: <path d="M12 16V5M7.500 9.500L12 5l4.500 4.500M5 20h14" />,
  photo: <path d="M4 5h16v14H4zM4 16l5-5 4 4 2.500-2.500L20 17M15.500 9.500v.1" />,
  rows: <path d="M4 5h16v14H4zM4 10h16M4 14.500h16M9.500 5v14" />,
  key: <path d="M8 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM12.500 12H21M17.500 12v3.500" />,
  shield: <path d="M12 3.500l7.500 3v5c0 4.500-3 7.500-7.500 9-4.500-1.500-7.500-4.500-7.500-9v-5zM9 12l2.200 2.200L15.200 10" />,
  brand: <path d="M12 3.500l2.600 5.300 5.900.8-4.300 4.100 1 5.800-5.200-2.800-5.200 2.800 1-5.800L3.500 9.600l5.900-.8z" />,
  refresh: <path d="M19.500 12a7.500 7.500 0 1 1-2.200-5.300M19.500 4v4h-4" />,
  gauge: <path d="M4.500 17.500a8.500 8.500 0 1 1 15 0M12 13.500l4-4.500" />,
  idea: <path d="M9 17.500h6M10 20.500h4M8.500 14.500a5.500 5.500 0 1 1 7 0c-.5.500-.8 1.200-.8 2H9.300c0-.800-.300-1.500-.800-2z" />,
  zip: <path d="M5 4h14v16H5zM12 4v2M12 8v2M12 12v2M10.500 16h3" />,
  link: <path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1-1" />,
  mail: <path d="M3.500 6h17v12h-17zM4 7l8 6 8-6" />,
  signOut: <path d="M10 4H5v16h5M14.5 8l4 4-4 4M18.5 12H9.5" />,
} satisfies Record<string, ReactElement>;

export type IconName = keyof typeof PATHS;

/** A line icon; it only ever stands beside words or a label. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  );
}

/** The mark: a sheet with a spark in it, as the renderer draws it. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--mark-ground, var(--accent))" />
      <g stroke="var(--mark-ink, var(--on-accent))" fill="none">
        <rect x="7.5" y="7.5" width="17" height="17" rx="4.5" strokeWidth="2.4" />
        <path
          d="M16 10.800q0 5.2 5.2 5.2-5.2 0-5.2 5.2 0-5.2-5.2-5.2 5.2 0 5.2-5.200z"
          fill="var(--mark-ink, var(--on-accent))"
          stroke="none"
        />
      </g>
    </svg>
  );
}
