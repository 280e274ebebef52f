import { Photo_Treatment as Treatment } from "../../gen/covergen/cover/v1/cover_pb";
import type { Draft } from "./draft";

/** The part of a draft that decides what a picture looks like. */
export type DesignInput = Pick<
  Draft,
  "title" | "subtitle" | "kicker" | "templateId" | "paletteId" | "colors" | "font" | "photo" | "brandKitId" | "seed"
>;

/** A design as previews and generations ask for it. */
export function requestOf(design: DesignInput) {
  const { title, subtitle, kicker, templateId, paletteId, colors, font, photo, brandKitId, seed } = design;
  return {
    title: title.trim(),
    subtitle: subtitle.trim(),
    kicker: kicker.trim(),
    templateId,
    paletteId: colors.length > 0 ? "" : paletteId,
    colors,
    font,
    brandKitId,
    seed: BigInt(seed),
    photo: photo
      ? {
          assetId: photo.assetId,
          focalX: photo.focalX,
          focalY: photo.focalY,
          treatment: photo.treatment === "duotone" ? Treatment.DUOTONE : Treatment.NATURAL,
        }
      : undefined,
  };
}

/** The design of a draft, as it stands. */
export function designOf(draft: Draft): DesignInput {
  const { title, subtitle, kicker, templateId, paletteId, colors, font, photo, brandKitId, seed } = draft;
  return { title, subtitle, kicker, templateId, paletteId, colors, font, photo, brandKitId, seed };
}
