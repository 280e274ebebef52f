import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { apiKeys } from "../../api/clients_account";
import { subscriptionQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { type ApiKey, ApiKey_Mode as Mode, type NewApiKey } from "../../gen/covergen/auth/v1/api_keys_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Confirm } from "../../ui/Confirm";
import { Copy } from "../../ui/Copy";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { Icon } from "../../ui/Icon";
import { LoadMore } from "../../ui/LoadMore";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { AccountLayout } from "../account/AccountLayout";
import { Section } from "../account/Section";
import { KeyDialog } from "./KeyDialog";
import { apiKeysQuery } from "./queries";
import { useGuarded } from "./Reauth";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

/** What the user's own programs call with. */
export default function KeysPage() {
  const texts = useTexts(securityTexts);
  const list = useInfiniteQuery(apiKeysQuery);
  const plan = useQuery(subscriptionQuery).data;
  const [isMaking, setMaking] = useState(false);
  const [fresh, setFresh] = useState<NewApiKey>();
  const keys = list.data?.pages.flatMap((page) => page.apiKeys) ?? [];
  return (
    <AccountLayout>
      <Section title={texts.keys} lead={texts.keysLead}>
        {plan && !plan.features.includes("api") && (
          <Notice tone="warn" icon="star">
            {texts.keysLocked}
          </Notice>
        )}
        <div>
          <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
            {texts.keyMake}
          </Button>
        </div>
        {list.isPending && <Skeleton height="6rem" />}
        <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
        {list.isSuccess && keys.length === 0 && <p className={styles.faint}>{texts.keysNone}</p>}
        {keys.length > 0 && (
          <ul className={styles.list} data-testid="api-keys">
            {keys.map((key) => (
              <Row key={key.id} apiKey={key} onFresh={setFresh} />
            ))}
          </ul>
        )}
        <LoadMore list={list} />
      </Section>
      {isMaking && (
        <KeyDialog
          onClose={() => setMaking(false)}
          onMade={(made) => {
            setMaking(false);
            setFresh(made);
          }}
        />
      )}
      {fresh && <Secret secret={fresh.secret} onClose={() => setFresh(undefined)} />}
    </AccountLayout>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useI18n();
  const texts = useTexts(securityTexts);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={texts.keySecretTitle} description={texts.keySecretLead}>
      <code className={classes(styles.codes, styles.code)} data-testid="api-key-secret">
        {secret}
      </code>
      <div className={styles.actions}>
        <Copy text={secret} />
        <Button size="small" onClick={onClose}>
          {t.common.close}
        </Button>
      </div>
    </Dialog>
  );
}

function Row({ apiKey, onFresh }: { apiKey: ApiKey; onFresh: (fresh: NewApiKey) => void }) {
  const { format } = useI18n();
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const [open, setOpen] = useState<"revoke" | "rotate">();
  const close = (isOpen: boolean) => !isOpen && setOpen(undefined);
  const done = () => {
    setOpen(undefined);
    return client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
  };
  const revoke = useGuarded({
    mutationFn: () => apiKeys.revokeApiKey({ apiKeyId: apiKey.id, requestId: newRequestId() }),
    onSuccess: done,
  });
  const rotate = useGuarded({
    mutationFn: () => apiKeys.rotateApiKey({ apiKeyId: apiKey.id, overlapSeconds: 86_400, requestId: newRequestId() }),
    onSuccess: (fresh) => {
      onFresh(fresh);
      return done();
    },
  });
  const isEnded = apiKey.revokeTime !== undefined;
  const about = [
    `${apiKey.hint}…`,
    apiKey.scopes.map((scope) => texts.scopes[scope] ?? scope).join(", "),
    apiKey.lastUsedTime ? texts.used(format.ago(apiKey.lastUsedTime)) : texts.neverUsed,
    apiKey.expireTime && texts.keyExpires(format.date(apiKey.expireTime)),
  ];
  return (
    <li className={classes(styles.row, isEnded && styles.ended)}>
      <Icon name="key" size={22} />
      <div className={styles.text}>
        <p className={styles.name}>
          {apiKey.name}
          <Badge tone={apiKey.mode === Mode.LIVE ? "good" : "neutral"}>{apiKey.mode === Mode.LIVE ? texts.keyLive : texts.keyTest}</Badge>
          {isEnded && <Badge tone="danger">{texts.keyRevoked}</Badge>}
        </p>
        <p className={styles.about}>{about.filter(Boolean).join(" · ")}</p>
      </div>
      {!isEnded && (
        <div className={styles.actions}>
          <Button size="small" aria-label={texts.keyRotateNamed(apiKey.name)} onClick={() => setOpen("rotate")}>
            {texts.keyRotate}
          </Button>
          <Button size="small" kind="danger" aria-label={texts.keyRevokeNamed(apiKey.name)} onClick={() => setOpen("revoke")}>
            {texts.keyRevoke}
          </Button>
        </div>
      )}
      <Confirm
        open={open === "revoke"}
        onOpenChange={close}
        title={texts.keyRevokeTitle}
        body={texts.keyRevokeBody(apiKey.name)}
        action={texts.keyRevoke}
        work={revoke}
      />
      <Confirm
        open={open === "rotate"}
        onOpenChange={close}
        title={texts.keyRotateTitle}
        body={texts.keyRotateBody}
        action={texts.keyRotate}
        work={rotate}
        kind="primary"
      />
    </li>
  );
}
