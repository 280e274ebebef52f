// CPU milliseconds that other libraries take for a cover of 1280×720, from a
// title to PNG bytes: `node peers.mjs [ROUNDS]`. One JSON object a line.
//
// The cover has what ours has: a ground of several gradients, a rule, a title
// that wraps, a subtitle and a pill with a word in it. Every round has another
// title, so that nothing is measured twice from a cache. CPU time is that of
// the whole process: both peers use threads of their own.

import { readFileSync } from "node:fs";

const rounds = Number(process.argv[2] ?? 30);
const width = 1280;
const height = 720;

const face = (file) =>
  readFileSync(new URL(`../../assets/fonts/bundled/${file}`, import.meta.url));
const bold = face("SpaceGrotesk-Bold.ttf");
const medium = face("SpaceGrotesk-Medium.ttf");

const titles = [
  "How we cut our build times by 80%",
  "Ten habits of highly readable code",
  "Designing for trust",
  "What nobody tells you about moving to another country",
  "Focus",
  "A practical guide to better sleep in thirty days",
];
const title = (round) => titles[round % titles.length];

// The padding stands on a box of its own: the two peers disagree on whether a
// full width includes it.
const column = {
  display: "flex",
  flexDirection: "column",
  justifyContent: "flex-end",
  flexGrow: 1,
  padding: 67,
  color: "white",
};
const ground = {
  display: "flex",
  width: "100%",
  height: "100%",
  backgroundColor: "#0b0a1f",
  backgroundImage: [
    "radial-gradient(circle at 85% 15%, rgba(110, 60, 220, 0.9), rgba(110, 60, 220, 0) 60%)",
    "radial-gradient(circle at 60% 60%, rgba(30, 160, 170, 0.7), rgba(30, 160, 170, 0) 55%)",
    "radial-gradient(circle at 100% 90%, rgba(220, 60, 140, 0.8), rgba(220, 60, 140, 0) 50%)",
    "linear-gradient(160deg, #14123a, #07061a)",
  ].join(", "),
};
const rule = { width: 82, height: 8, borderRadius: 4, backgroundColor: "#4be3d6", marginBottom: 32 };
const heading = {
  fontFamily: "Space Grotesk",
  fontWeight: 700,
  fontSize: 110,
  lineHeight: 1.02,
  letterSpacing: -2.4,
  maxWidth: 860,
};
const line = { fontFamily: "Space Grotesk", fontWeight: 500, fontSize: 34, marginTop: 40 };
const pill = {
  position: "absolute",
  right: 44,
  bottom: 44,
  padding: "10px 20px",
  borderRadius: 24,
  fontFamily: "Space Grotesk",
  fontWeight: 700,
  fontSize: 20,
  backgroundColor: "rgba(12, 12, 18, 0.75)",
};
const subtitle = "A field report from a team of nine";

async function satoriPeer() {
  const { default: satori } = await import("satori");
  const { Resvg } = await import("@resvg/resvg-js");
  const fonts = [
    { name: "Space Grotesk", data: bold, weight: 700, style: "normal" },
    { name: "Space Grotesk", data: medium, weight: 500, style: "normal" },
  ];
  const div = (style, children) => ({ type: "div", props: { style, children } });
  return async (round) => {
    const tree = div(ground, [
      div(column, [div(rule), div(heading, title(round)), div(line, subtitle), div(pill, "Covergen")]),
    ]);
    const svg = await satori(tree, { width, height, fonts });
    return new Resvg(svg, { font: { loadSystemFonts: false } }).render().asPng();
  };
}

async function takumiPeer() {
  const { Renderer } = await import("@takumi-rs/core");
  const renderer = new Renderer();
  await renderer.registerFont({ name: "Space Grotesk", data: bold, weight: 700 });
  await renderer.registerFont({ name: "Space Grotesk", data: medium, weight: 500 });
  const text = (style, value) => ({ type: "text", style, text: value });
  const container = (style, children = []) => ({ type: "container", style, children });
  return (round) =>
    renderer.render(
      container(ground, [
        container(column, [
          container(rule),
          text(heading, title(round)),
          text(line, subtitle),
          text(pill, "Covergen"),
        ]),
      ]),
      { width, height, format: "png" },
    );
}

async function measure(peer, make) {
  try {
    const render = await make();
    for (let round = 0; round < 3; round += 1) await render(round);
    let bytes = 0;
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) bytes += (await render(round)).length;
    const { user, system } = process.cpuUsage(before);
    const cpuMs = (user + system) / 1000 / rounds;
    const pngBytes = Math.round(bytes / rounds);
    console.log(JSON.stringify({ bench: "render", peer, cpuMs, pngBytes }));
  } catch (error) {
    console.log(JSON.stringify({ bench: "render", peer, skipped: String(error) }));
  }
}

await measure("satori+resvg-js", satoriPeer);
await measure("takumi", takumiPeer);
