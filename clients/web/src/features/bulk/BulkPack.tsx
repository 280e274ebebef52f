import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { covers } from "../../api/clients";
import type { Bulk, Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { PackDialog } from "../library/PackDialog";
import { bulkTexts } from "./texts";

/** A pack holds as many files, and each cover has at least one. */
const MOST = 500;
const PAGE = 100;

/** All covers of a bulk in one ZIP. */
export function BulkPack({ bulk }: { bulk: Bulk }) {
  const texts = useTexts(bulkTexts);
  const [isOpen, setOpen] = useState(false);
  const gather = useMutation({ mutationFn: () => coversOf(bulk.bulkId), onSuccess: () => setOpen(true) });
  return (
    <>
      <Button
        kind="primary"
        icon="zip"
        busy={gather.isPending}
        title={bulk.succeededRows > MOST ? texts.packSome(MOST) : undefined}
        onClick={() => gather.mutate()}
      >
        {gather.isPending ? texts.packLoading : texts.pack}
      </Button>
      <FaultNotice error={gather.error} />
      {gather.data && <PackDialog covers={gather.data} open={isOpen} onOpenChange={setOpen} />}
    </>
  );
}

async function coversOf(bulkId: string): Promise<Cover[]> {
  const found: Cover[] = [];
  let pageToken = "";
  do {
    const page = await covers.listCovers({ bulkId, pageSize: PAGE, pageToken, orderBy: "createTime" });
    found.push(...page.covers);
    pageToken = page.nextPageToken;
  } while (pageToken && found.length < MOST);
  return found.slice(0, MOST);
}
