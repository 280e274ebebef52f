import { useI18n } from "../i18n";
import { Button } from "./Button";

interface Props {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** The way to a list's next page, while there is one. */
export function LoadMore({ list }: Props) {
  const { t } = useI18n();
  if (!list.hasNextPage) return null;
  return (
    <div>
      <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {list.isFetchingNextPage ? t.common.loading : t.common.loadMore}
      </Button>
    </div>
  );
}
