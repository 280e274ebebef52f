import { useMutation, useQuery } from "@tanstack/react-query";
import { hasPasskeys, isTurnedDown, loginWithPasskey } from "../../api/auth";
import { useTexts } from "../../i18n/texts";
import { Button, buttonClass } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { providersQuery } from "../security/queries";
import styles from "./OtherWays.module.css";
import { signTexts } from "./texts";

/** Ways in without a password: passkeys, and other providers' accounts. */
export function OtherWays({ next, onSignedIn }: { next: string; onSignedIn: () => void }) {
  const texts = useTexts(signTexts);
  const providers = useQuery({ ...providersQuery, retry: false }).data ?? [];
  const passkey = useMutation({ mutationFn: loginWithPasskey, onSuccess: onSignedIn });
  if (!hasPasskeys() && providers.length === 0) return null;
  return (
    <div className={styles.ways}>
      <p className={styles.or}>{texts.or}</p>
      {isTurnedDown(passkey.error) ? <Notice tone="warn">{texts.passkeyDown}</Notice> : <FaultNotice error={passkey.error} />}
      {hasPasskeys() && (
        <Button icon="key" wide busy={passkey.isPending} onClick={() => passkey.mutate()}>
          {texts.passkey}
        </Button>
      )}
      {providers.map(({ id, name }) => (
        // The whole page goes to the provider, so this is a plain link.
        <a key={id} className={buttonClass({ wide: true })} href={`/api/v1/auth/oauth/${id}?returnTo=${encodeURIComponent(next)}`}>
          <Icon name="link" />
          {texts.provider(name)}
        </a>
      ))}
    </div>
  );
}
