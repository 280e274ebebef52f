import { useMutation, useQueryClient } from "@tanstack/react-query";
import { covers } from "../../api/clients";
import { COVERS_KEY, coverQuery } from "../../api/queries";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { useTexts } from "../../i18n/texts";
import { classes } from "../../ui/classes";
import { Icon } from "../../ui/Icon";
import styles from "./FavoriteButton.module.css";
import { libraryTexts } from "./texts";

/** Marks a cover as a favourite, or no longer. The heart follows the press at
    once and goes back where the server refuses. */
export function useFavorite(cover: Cover) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (isWanted: boolean) =>
      isWanted ? covers.favoriteCover({ coverId: cover.id }) : covers.unfavoriteCover({ coverId: cover.id }),
    onSuccess: (changed) => {
      client.setQueryData(coverQuery(cover.id).queryKey, changed);
      return client.invalidateQueries({ queryKey: COVERS_KEY });
    },
  });
  const isFavorite = change.isPending ? change.variables : cover.favorite;
  return { isFavorite, toggle: () => change.mutate(!isFavorite), error: change.error };
}

/** The heart at the corner of a tile. */
export function FavoriteButton({ cover }: { cover: Cover }) {
  const texts = useTexts(libraryTexts);
  const { isFavorite, toggle } = useFavorite(cover);
  return (
    <button
      type="button"
      className={classes(styles.heart, isFavorite && styles.on)}
      aria-pressed={isFavorite}
      aria-label={isFavorite ? texts.unfavorite(cover.title) : texts.favorite(cover.title)}
      onClick={toggle}
    >
      <Icon name={isFavorite ? "heartFull" : "heart"} />
    </button>
  );
}
