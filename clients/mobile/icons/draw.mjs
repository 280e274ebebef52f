// Draws the icons that phones show, from the shapes below:
//
//   npm run icons
//
// Launchers crop maskable icons to any shape: what matters stays within the
// middle 80 %, and the ground reaches every edge.
import { mkdirSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const GROUND = "#0d5c4a";
const FOLDER = new URL("../public/icons/", import.meta.url);

/** The ruled lines of a cutting mat, on a square of 512. */
function mat() {
  const lines = [];
  for (let at = 32; at < 512; at += 64) {
    lines.push(`M${at} 0V512M0 ${at}H512`);
  }
  return `<path d="${lines.join("")}" stroke="#fff" stroke-opacity=".07" stroke-width="3"/>`;
}

/** Two sheets on the mat, the upper one with a glint: a cover just cut. */
function sheets(scale) {
  return `<g transform="translate(256 256) scale(${scale})">
    <rect x="-126" y="-126" width="252" height="252" rx="44" fill="#7fd8b8" transform="rotate(-13) translate(-22 14)"/>
    <rect x="-134" y="-134" width="268" height="268" rx="48" fill="#fff"/>
    <path d="M0-92q0 92 92 92-92 0-92 92 0-92-92-92 92 0 92-92z" fill="${GROUND}"/>
  </g>`;
}

function svg({ size, radius, scale, lines = true }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 512 512">
    <clipPath id="c"><rect width="512" height="512" rx="${radius}"/></clipPath>
    <g clip-path="url(#c)"><rect width="512" height="512" fill="${GROUND}"/>${lines ? mat() : ""}</g>
    ${sheets(scale)}</svg>`;
}

/** Android paints the badge of a notification in one colour by its alpha. */
function badge(size) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 96 96">
    <path fill="#fff" fill-rule="evenodd" d="M26 8h44a18 18 0 0 1 18 18v44a18 18 0 0 1-18 18H26A18 18 0 0 1 8 70V26A18 18 0 0 1 26 8zm22 12q0 28-28 28 28 0 28 28 0-28 28-28-28 0-28-28z"/></svg>`;
}

const ICONS = {
  "icon-192.png": [192, svg({ size: 192, radius: 112, scale: 1 })],
  "icon-512.png": [512, svg({ size: 512, radius: 112, scale: 1 })],
  "maskable-192.png": [192, svg({ size: 192, radius: 0, scale: 0.82 })],
  "maskable-512.png": [512, svg({ size: 512, radius: 0, scale: 0.82 })],
  "apple-touch-icon.png": [180, svg({ size: 180, radius: 0, scale: 0.95 })],
  "badge.png": [96, badge(96)],
};

const browser = await chromium.launch({
  executablePath: process.env.COVERGEN_TEST_CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const page = await browser.newPage();
mkdirSync(FOLDER, { recursive: true });
for (const [name, [size, drawing]] of Object.entries(ICONS)) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${drawing}`);
  writeFileSync(new URL(name, FOLDER), await page.screenshot({ omitBackground: true }));
}
await browser.close();
