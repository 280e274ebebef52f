import { useQuery } from "@tanstack/react-query";
import { covers } from "../../api/clients";
import { useI18n } from "../../i18n";
import { useObjectUrl } from "../../ui/use_object_url";
import { type DesignInput, requestOf } from "./design";

type Look = Pick<DesignInput, "templateId" | "paletteId" | "colors" | "font">;

/** Wide and low, so that one word fills it. */
const SIZE = { width: 480, height: 192 };

/** Address of a small picture of one word in a typeface, as the renderer sets
    it in this template and these colours. */
export function useSpecimen(look: Look): string | undefined {
  const { t } = useI18n();
  const title = t.make.fontSample;
  const { data } = useQuery({
    queryKey: ["specimen", look, title],
    queryFn: async ({ signal }) => {
      const design = { ...look, title, subtitle: "", kicker: "", photo: null, brandKitId: "", seed: "7" };
      const body = await covers.preview({ ...requestOf(design), sizes: [SIZE] }, { signal });
      return new Blob([new Uint8Array(body.data)], { type: body.contentType });
    },
    staleTime: Infinity,
    retry: false,
  });
  return useObjectUrl(data);
}
