import { useQuery } from "@tanstack/react-query";
import { presetsQuery } from "../../api/queries";
import type { Image } from "../../gen/covergen/cover/v1/cover_pb";
import type { Preset } from "../../gen/covergen/export/v1/export_pb";
import { useI18n } from "../../i18n";

/** One size of a cover, in all the formats it was made in. */
export interface SizeGroup {
  key: string;
  preset: string;
  width: number;
  height: number;
  images: Image[];
}

/** A cover's pictures by size, in the order they were asked for. */
export function bySize(images: readonly Image[]): SizeGroup[] {
  const groups = new Map<string, SizeGroup>();
  for (const image of images) {
    const { preset, width, height } = image;
    const key = `${preset}:${width}x${height}`;
    const group = groups.get(key) ?? { key, preset, width, height, images: [] };
    group.images.push(image);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Presets with their names in the current language. */
export function usePresets(): Preset[] {
  const { t } = useI18n();
  const presets = useQuery(presetsQuery).data ?? [];
  return presets.map((preset) => ({ ...preset, name: t.names.presets[preset.id] ?? preset.name }));
}

/** Names a size by its preset, or else by its pixels. */
export function useSizeName(): (size: { preset: string; width: number; height: number }) => string {
  const presets = usePresets();
  return ({ preset, width, height }) =>
    presets.find(({ id }) => id === preset)?.name ?? `${width} × ${height}`;
}
