import type { Image } from "../../gen/covergen/cover/v1/cover_pb";

/** A browser starts one download per gesture at a time; a breath between
    them keeps it from dropping some. */
const BETWEEN_MS = 250;

/** Words as the beginning of a file name, safe on every system. */
export function stemOf(text: string, otherwise: string): string {
  const words = text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return [...words].slice(0, 60).join("") || otherwise;
}

/** A file name that tells title and size. */
export function fileName(title: string, image: { preset?: string; width: number; height: number; format: string }): string {
  const stem = stemOf(title, "cover");
  const size = [image.preset, `${image.width}x${image.height}`].filter(Boolean).join("-");
  return `${stem}-${size}.${image.format === "jpeg" ? "jpg" : image.format}`;
}

/** Downloads what is in memory. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads it after the click has been dealt with.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Downloads pictures one after another. */
export async function downloadAll(title: string, images: readonly Image[]): Promise<void> {
  for (const image of images) {
    const link = document.createElement("a");
    link.href = image.url;
    link.download = fileName(title, image);
    link.click();
    await new Promise((resolve) => window.setTimeout(resolve, BETWEEN_MS));
  }
}
