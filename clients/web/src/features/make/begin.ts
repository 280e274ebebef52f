import type { Preferences } from "../../gen/covergen/user/v1/user_pb";
import { changeDraft, FORMATS } from "./draft";

/** Begins a draft as its owner likes drafts to begin. */
export function beginWith({ defaultTemplateId, defaultSizes, defaultFormats, defaultVariants }: Preferences): void {
  const formats = FORMATS.filter((format) => defaultFormats.includes(format));
  changeDraft({
    ...(defaultTemplateId && { templateId: defaultTemplateId, paletteId: "" }),
    ...(defaultSizes.length > 0 && { sizes: defaultSizes, shown: defaultSizes[0] ?? "" }),
    ...(formats.length > 0 && { formats }),
    ...(defaultVariants > 0 && { variants: Math.min(defaultVariants, 4) }),
  });
}
