import { useId, useState } from "preact/hooks";
import { useLive } from "../../app/use_live";
import { useI18n } from "../../i18n";
import { readValue } from "../../store/meta";
import { Icon } from "../../ui/Icon";
import ui from "../../ui/ui.module.css";
import css from "./account.module.css";
import { canPush, type PushTrouble, switchPushOff, switchPushOn } from "./push";

/** Whether this phone is told of finished covers. */
export function PushSwitch() {
  const { t, language } = useI18n();
  const id = useId();
  const isOn = useLive(["session"], async () => Boolean(await readValue("push"))) ?? false;
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<PushTrouble | undefined>(canPush() ? undefined : "unable");
  const told = trouble && { unable: t.account.pushUnable, denied: t.account.pushDenied, failed: t.account.pushFailed }[trouble];

  const toggle = async (wanted: boolean) => {
    setBusy(true);
    setTrouble(undefined);
    if (wanted) setTrouble(await switchPushOn(language === "en" ? "en" : "zh"));
    else await switchPushOff().catch(() => undefined);
    setBusy(false);
  };
  return (
    <label class={css.row}>
      <Icon name="bell" />
      <div>
        <strong id={id}>{t.account.push}</strong>
        <p id={`${id}-note`} role={trouble ? "alert" : undefined}>
          {told ?? t.account.pushBody}
        </p>
      </div>
      <input
        class="hidden"
        type="checkbox"
        role="switch"
        aria-labelledby={id}
        aria-describedby={`${id}-note`}
        checked={isOn}
        disabled={isBusy || trouble === "unable"}
        onChange={({ currentTarget }) => {
          const wanted = currentTarget.checked;
          // It shows what is, not what was asked for.
          currentTarget.checked = isOn;
          void toggle(wanted);
        }}
      />
      <span class={ui.switch} aria-hidden="true" />
    </label>
  );
}
