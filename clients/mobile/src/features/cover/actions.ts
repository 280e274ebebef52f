import { call } from "../../api/call";
import { changed } from "../../store/changes";
import { type KeptCover, keptCover } from "../../store/covers";
import { transact } from "../../store/database";
import { screenFor } from "../../app/screen";
import { sizeImages } from "../../sync/library";

/** Marks a cover, or takes the mark away; told at once, taken back when the
    platform refuses. */
export async function setFavorite(cover: KeptCover, favorite: boolean): Promise<void> {
  await update(cover.id, { favorite });
  try {
    const path = { coverId: cover.id };
    const told = favorite
      ? await call("POST /m/v1/covers/{coverId}/favorite", { path, body: {} })
      : await call("DELETE /m/v1/covers/{coverId}/favorite", { path });
    await update(cover.id, keptCover(told, cover.picture, cover.large));
  } catch (error) {
    await update(cover.id, { favorite: cover.favorite });
    throw error;
  }
}

export async function removeCover(cover: KeptCover): Promise<void> {
  await call("DELETE /m/v1/covers/{coverId}", { path: { coverId: cover.id } });
  await transact(["covers"], (tx) => tx.remove("covers", cover.id));
  changed("covers");
}

/** Fetches addresses of the pictures as large as the screen, once. */
export async function enlarge(cover: KeptCover): Promise<void> {
  const wanted = cover.images.map(({ assetId }) => assetId);
  if (cover.large.length >= wanted.length) return;
  const large = [...(await sizeImages(wanted, screenFor(1))).values()];
  if (large.length > cover.large.length) await update(cover.id, { large });
}

async function update(id: string, part: Partial<KeptCover>): Promise<void> {
  await transact(["covers"], async (tx) => {
    const known = await tx.get("covers", id);
    if (known) tx.put("covers", { ...known, ...part });
  });
  changed("covers");
}
