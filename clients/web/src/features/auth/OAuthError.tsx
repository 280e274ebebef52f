import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Notice } from "../../ui/Notice";
import { signTexts } from "./texts";

/** Why a provider's sign-in, or the linking of one, did not work; the server
    tells the reason in the page's address. */
export function OAuthError({ reason }: { reason: string | null }) {
  const { t } = useI18n();
  const texts = useTexts(signTexts);
  if (!reason) return null;
  return (
    <Notice tone="danger" title={texts.oauthFailed}>
      {t.faults[reason]}
    </Notice>
  );
}
