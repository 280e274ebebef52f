import { useEffect, useState } from "preact/hooks";
import { call } from "../../api/call";
import { type InstallOffer, useInstall } from "../../app/install";
import { Top } from "../../app/Shell";
import { readStored, writeStored } from "../../app/storage";
import { useLive } from "../../app/use_live";
import { LANGUAGES, useI18n } from "../../i18n";
import { readValue } from "../../store/meta";
import { readWishes } from "../../store/outbox";
import { personSignedIn } from "../../store/session";
import { refreshQuota } from "../../sync/catalog";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Segmented } from "../../ui/Segmented";
import { Confirm } from "../../ui/Sheet";
import { signOut } from "../auth/auth";
import css from "./account.module.css";
import { PushSwitch } from "./PushSwitch";
import { switchPushOff } from "./push";

const NAMES = { en: "English", "zh-Hans": "中文" };

/** Who it is, what is left, and how the app behaves on this phone. */
export function AccountPage() {
  const { t } = useI18n();
  const person = useLive(["session"], personSignedIn);
  const waiting = useLive(["outbox"], readWishes)?.length ?? 0;
  const [isAsking, ask] = useState(false);
  useEffect(() => {
    document.title = `${t.account.title} · Covergen`;
  }, [t]);
  useEffect(() => void refreshQuota().catch(() => undefined), []);

  const leave = async () => {
    await switchPushOff().catch(() => undefined);
    await signOut();
  };
  return (
    <main class={css.page}>
      <Top title={t.account.title} />
      {person && (
        <div class={css.person}>
          <span class={css.initial} aria-hidden="true">
            {[...person.displayName.trim()][0]?.toUpperCase() ?? "·"}
          </span>
          <div>
            <strong>{person.displayName}</strong>
            <p>{person.email}</p>
          </div>
        </div>
      )}
      <QuotaMeter />
      <div class={css.card}>
        <Language />
        <Appearance />
        <PushSwitch />
        <Install offer={useInstall()} />
      </div>
      <Button kind="quiet" wide onClick={() => ask(true)}>
        {t.account.signOut}
      </Button>
      {isAsking && (
        <Confirm title={t.account.signOutTitle} action={t.account.signOut} onClose={() => ask(false)} onConfirm={() => void leave()}>
          <p>{t.account.signOutBody}</p>
          {waiting > 0 && <p>{t.account.signOutWaiting(waiting)}</p>}
        </Confirm>
      )}
    </main>
  );
}

function QuotaMeter() {
  const { t, day } = useI18n();
  const quota = useLive(["quota"], () => readValue("quota"));
  if (!quota) return null;
  const used = quota.used + quota.reserved;
  return (
    <section class={css.quota}>
      <h2>{t.account.quota}</h2>
      <span data-testid="used">{t.account.quotaOf(used, quota.limit)}</span>
      <div class={css.meter} role="meter" aria-label={t.account.quota} aria-valuenow={used} aria-valuemin={0} aria-valuemax={quota.limit}>
        <div style={{ width: `${Math.min(100, (100 * used) / Math.max(1, quota.limit))}%` }} />
      </div>
      {quota.resetsAt && <p>{t.account.resets(day(quota.resetsAt))}</p>}
    </section>
  );
}

function Language() {
  const { t, language, setLanguage } = useI18n();
  return (
    <div class={css.setting}>
      <span>{t.account.language}</span>
      <Segmented
        label={t.account.language}
        value={language}
        choices={LANGUAGES.map((value) => ({ value, label: NAMES[value], lang: value }))}
        onChange={(wanted) => {
          setLanguage(wanted);
          // Mails and notifications speak it, too, as soon as they can know.
          void call("PATCH /m/v1/users/{userId}", {
            path: { userId: "me" },
            query: { updateMask: "language" },
            body: { language: wanted === "en" ? "en" : "zh" },
          }).catch(() => undefined);
        }}
      />
    </div>
  );
}

type Theme = "system" | "light" | "dark";

function Appearance() {
  const { t } = useI18n();
  const [theme, setTheme] = useState<Theme>((readStored("covergen.theme") as Theme | null) ?? "system");
  return (
    <div class={css.setting}>
      <span>{t.account.appearance}</span>
      <Segmented<Theme>
        label={t.account.appearance}
        value={theme}
        choices={[
          { value: "system", label: t.account.system },
          { value: "light", label: t.account.light },
          { value: "dark", label: t.account.dark },
        ]}
        onChange={(wanted) => {
          setTheme(wanted);
          writeStored("covergen.theme", wanted === "system" ? null : wanted);
          if (wanted === "system") delete document.documentElement.dataset["theme"];
          else document.documentElement.dataset["theme"] = wanted;
        }}
      />
    </div>
  );
}

function Install({ offer }: { offer: InstallOffer }) {
  const { t } = useI18n();
  if (offer === "none") return null;
  return (
    <div class={css.row}>
      <Icon name="phone" />
      <div>
        <strong>{t.account.install}</strong>
        <p>{offer === "ios" ? t.account.installIos : t.account.installBody}</p>
      </div>
      {offer !== "ios" && (
        <Button kind="quiet" onClick={() => void offer()}>
          {t.account.installAction}
        </Button>
      )}
    </div>
  );
}
