import type { Image } from "../../gen/api";

/** Fetches a picture in full as a file with a telling name. */
export async function fileOf(title: string, image: Image): Promise<File> {
  const response = await fetch(image.url);
  if (!response.ok) throw new TypeError(response.statusText);
  const content = await response.blob();
  return new File([content], `${slug(title)}-${image.width}x${image.height}.${image.format === "jpeg" ? "jpg" : image.format}`, { type: content.type });
}

function slug(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "cover";
}

/** Whether this phone can hand a picture to other apps. */
export function canShare(): boolean {
  return typeof navigator.canShare === "function" && navigator.canShare({ files: [new File([""], "cover.png", { type: "image/png" })] });
}

/** Opens the phone's own choice of where to share; false when it was closed. */
export async function share(title: string, file: File): Promise<boolean> {
  try {
    await navigator.share({ files: [file], title });
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return false;
    throw error;
  }
}

/** Saves a file among the phone's downloads. */
export function download(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
