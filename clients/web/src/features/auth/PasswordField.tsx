import { type ComponentProps, useState } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { TextField } from "../../ui/Field";
import { classes } from "../../ui/classes";
import styles from "./PasswordField.module.css";
import { type Account, codePoints, isOwnEmail, PASSWORD_MIN } from "./rules";

type Props = Omit<ComponentProps<typeof TextField>, "label"> & { label?: string; account: Account; isNew: boolean };

/** A password, which can be looked at, with its rules where one is chosen. */
export function PasswordField({ label, account, isNew, ...input }: Props) {
  const { t } = useI18n();
  const [isShown, setShown] = useState(false);
  return (
    <TextField
      {...input}
      label={label ?? t.auth.password}
      type={isShown ? "text" : "password"}
      autoComplete={isNew ? "new-password" : "current-password"}
      spellCheck={false}
      autoCapitalize="none"
      hint={isNew && <Rules account={account} />}
      end={
        <button
          type="button"
          className={styles.eye}
          aria-pressed={isShown}
          aria-label={isShown ? t.auth.hidePassword : t.auth.showPassword}
          onClick={() => setShown(!isShown)}
        >
          <Icon name="eye" />
        </button>
      }
    />
  );
}

function Rules({ account }: { account: Account }) {
  const { t } = useI18n();
  const isTyped = account.password !== "";
  const rules: [string, boolean][] = [
    [t.auth.ruleLength, codePoints(account.password) >= PASSWORD_MIN],
    [t.auth.ruleOwn, isTyped && !isOwnEmail(account)],
  ];
  return (
    <ul className={styles.rules}>
      {rules.map(([rule, isMet]) => (
        <li key={rule} className={classes(isMet && styles.met)}>
          <span className={styles.dot}>{isMet && <Icon name="check" size={12} />}</span>
          {rule}
          <span className="hidden"> ({isMet ? t.auth.ruleMet : t.auth.ruleUnmet})</span>
        </li>
      ))}
    </ul>
  );
}
