import type { Cover, Image, SizedImage } from "../gen/api";
import { read, readAll } from "./database";

/** A cover as the phone keeps it. */
export interface KeptCover {
  id: string;
  taskId: string;
  title: string;
  subtitle: string;
  templateId: string;
  createTime: string;
  favorite: boolean;
  watermarked: boolean;
  images: Image[];
  /** Its first picture, sized for the grid. */
  picture: SizedImage | undefined;
  /** Its pictures sized for the whole screen, once they were looked at. */
  large: SizedImage[];
}

export function keptCover(cover: Cover, picture: SizedImage | undefined, large: SizedImage[] = []): KeptCover {
  const { id, taskId, title, subtitle, templateId, createTime = "", favorite, watermarked, images } = cover;
  return { id, taskId, title, subtitle, templateId, createTime, favorite, watermarked, images, picture, large };
}

/** The library, newest first. */
export async function readCovers(): Promise<KeptCover[]> {
  const covers = await readAll("covers");
  return covers.sort((a, b) => (a.createTime === b.createTime ? (a.id < b.id ? 1 : -1) : a.createTime < b.createTime ? 1 : -1));
}

export function readCover(id: string): Promise<KeptCover | undefined> {
  return read("covers", id);
}
