import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ARCHIVE_TYPES, isArchive } from "../../api/archive";
import { media } from "../../api/clients";
import { uploadsQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Asset, StorageUsage } from "../../gen/covergen/media/v1/media_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Empty } from "../../ui/Empty";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/toast";
import { Upload } from "../../ui/Upload";
import { AccountLayout } from "../account/AccountLayout";
import { Section } from "../account/Section";
import { forgetPhoto } from "../make/draft";
import { QuotaBar } from "../quota/QuotaMeter";
import { Archive } from "./Archive";
import styles from "./photos.module.css";
import { photosTexts } from "./texts";
import { useArchive } from "./use_archive";

const PAGE = 24;

/** Everything the user uploaded, and the room it takes. */
export default function PhotosPage() {
  const texts = useTexts(photosTexts);
  const archive = useArchive();
  // Under the key of the uploads, so that whatever renews those renews this.
  const list = useInfiniteQuery({
    queryKey: [...uploadsQuery.queryKey, "all"],
    queryFn: ({ pageParam, signal }) => media.listAssets({ pageSize: PAGE, pageToken: pageParam }, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
  const assets = list.data?.pages.flatMap((page) => page.assets) ?? [];
  const storage = list.data?.pages[0]?.storage;
  return (
    <AccountLayout>
      <Section title={texts.storage} lead={texts.storageLead}>
        {storage ? <Storage storage={storage} /> : list.isPending && <Skeleton height="2.5rem" />}
        <Upload
          label={texts.upload}
          hint={texts.uploadHint}
          onUploaded={() => undefined}
          other={{ types: ARCHIVE_TYPES, is: isArchive, take: archive.take }}
        />
        <Archive state={archive.state} />
      </Section>
      <Part title={texts.title} lead={texts.lead}>
        <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
        {list.isSuccess && assets.length === 0 && <Empty title={texts.emptyTitle} body={texts.emptyBody} />}
        <ul className={styles.grid} data-testid="photos">
          {list.isPending &&
            Array.from({ length: 4 }, (_, index) => (
              <li key={index}>
                <Skeleton ratio={1} />
              </li>
            ))}
          {assets.map((asset) => (
            <li key={asset.id} className={styles.card}>
              <Card asset={asset} />
            </li>
          ))}
        </ul>
        <LoadMore list={list} />
      </Part>
    </AccountLayout>
  );
}

function Storage({ storage }: { storage: StorageUsage }) {
  const { format } = useI18n();
  const texts = useTexts(photosTexts);
  const [used, limit] = [Number(storage.usedBytes), Number(storage.limitBytes)];
  const share = Math.max(used / Math.max(1, limit), storage.usedAssets / Math.max(1, storage.limitAssets));
  return (
    <div className={styles.storage} data-testid="storage">
      <QuotaBar used={share} limit={1} isLow={share > 0.9} />
      <p>
        {texts.photos(storage.usedAssets, format.number(storage.limitAssets))}
        <span className={styles.faint}>{texts.bytes(used === 0 ? "0 KB" : format.bytes(used), format.bytes(limit))}</span>
      </p>
    </div>
  );
}

function Card({ asset }: { asset: Asset }) {
  const { t, format } = useI18n();
  const texts = useTexts(photosTexts);
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const name = asset.fileName || texts.unnamed;
  const remove = useMutation({
    mutationFn: () => media.deleteAsset({ assetId: asset.id, requestId: newRequestId() }),
    onSuccess: () => {
      setAsking(false);
      toast({ text: texts.removed });
      forgetPhoto(asset.id);
      client.removeQueries({ queryKey: ["asset", asset.id] });
      return client.invalidateQueries({ queryKey: uploadsQuery.queryKey });
    },
  });
  const smaller = asset.variants.find(({ width }) => width >= 400) ?? asset.variants.at(-1);
  return (
    <>
      <img
        className={styles.picture}
        src={smaller?.url ?? asset.url}
        alt=""
        width={asset.width}
        height={asset.height}
        loading="lazy"
        style={{ backgroundColor: asset.dominantColor }}
      />
      <div className={styles.body}>
        <p className={styles.name} title={name}>
          {name}
        </p>
        <p className={styles.about}>{texts.about(t.common.px(asset.width, asset.height), format.bytes(asset.bytes))}</p>
        <div className={styles.foot}>
          <time className={styles.about}>{format.date(asset.createTime)}</time>
          <Button size="small" kind="danger" icon="trash" aria-label={texts.removeNamed(name)} onClick={() => setAsking(true)} />
        </div>
      </div>
      <Confirm open={isAsking} onOpenChange={setAsking} title={texts.removeTitle} body={texts.removeBody(name)} action={texts.remove} work={remove} />
    </>
  );
}
