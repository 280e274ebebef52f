import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { oauth } from "../../api/clients_account";
import { linkProvider } from "../../api/link_provider";
import { newRequestId } from "../../api/request_id";
import type { Provider, ProviderLink } from "../../gen/covergen/auth/v1/oauth_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { FaultNotice } from "../../ui/FaultNotice";
import { Icon } from "../../ui/Icon";
import { Skeleton } from "../../ui/Skeleton";
import { linksQuery, providersQuery } from "./queries";
import { useGuarded } from "./Reauth";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

/** Other providers' accounts that open this one. */
export function Links() {
  const texts = useTexts(securityTexts);
  const providers = useQuery(providersQuery);
  const links = useQuery(linksQuery);
  const error = providers.error ?? links.error;
  if (error) return <FaultNotice error={error} onRetry={() => void Promise.all([providers.refetch(), links.refetch()])} />;
  if (!providers.data || !links.data) return <Skeleton height="4rem" />;
  // A provider that was taken out of configuration can still be unlinked.
  const gone = links.data.filter(({ provider }) => !providers.data.some(({ id }) => id === provider));
  const all: Pick<Provider, "id" | "name">[] = [...providers.data, ...gone.map(({ provider, name }) => ({ id: provider, name }))];
  if (all.length === 0) return <p className={styles.faint}>{texts.linksNone}</p>;
  return (
    <ul className={styles.list}>
      {all.map((provider) => (
        <Row key={provider.id} provider={provider} link={links.data.find((link) => link.provider === provider.id)} />
      ))}
    </ul>
  );
}

function Row({ provider, link }: { provider: Pick<Provider, "id" | "name">; link: ProviderLink | undefined }) {
  const texts = useTexts(securityTexts);
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const begin = useGuarded({
    mutationFn: () => linkProvider(provider.id, "/account/security"),
    onSuccess: (authorizationUrl) => window.location.assign(authorizationUrl),
  });
  const unlink = useGuarded({
    mutationFn: () => oauth.unlinkProvider({ provider: provider.id, requestId: newRequestId() }),
    onSuccess: () => {
      setAsking(false);
      return client.invalidateQueries({ queryKey: linksQuery.queryKey });
    },
  });
  return (
    <li className={styles.row}>
      <Icon name="link" size={22} />
      <div className={styles.text}>
        <p className={styles.name}>{provider.name}</p>
        <p className={styles.about}>{link ? texts.linked(link.email) : texts.notLinked}</p>
        <FaultNotice error={begin.error} />
      </div>
      {link ? (
        <Button size="small" kind="danger" aria-label={texts.unlinkNamed(provider.name)} onClick={() => setAsking(true)}>
          {texts.unlink}
        </Button>
      ) : (
        <Button size="small" aria-label={texts.linkNamed(provider.name)} busy={begin.isPending} onClick={() => begin.mutate()}>
          {texts.link}
        </Button>
      )}
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={texts.unlinkTitle(provider.name)}
        body={texts.unlinkBody}
        action={texts.unlink}
        work={unlink}
      />
    </li>
  );
}
