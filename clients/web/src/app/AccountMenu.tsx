import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { meQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { Icon } from "../ui/Icon";
import styles from "./AccountMenu.module.css";

const AccountMenuOpen = lazy(() => import("./AccountMenuOpen"));

/** The visitor's own corner: account, theme, sign out. Menus are a fifth of
    all script, so theirs comes with the first press. */
export function AccountMenu() {
  const me = useQuery(meQuery).data;
  const [isWanted, setWanted] = useState(false);
  const button = (
    <button type="button" className={styles.trigger} aria-haspopup="menu" aria-expanded={isWanted} onClick={() => setWanted(true)}>
      <Initials name={me?.displayName} />
    </button>
  );
  return isWanted ? (
    <Suspense fallback={button}>
      <AccountMenuOpen />
    </Suspense>
  ) : (
    button
  );
}

/** Whose corner it is. */
export function Initials({ name }: { name: string | undefined }) {
  const { t } = useI18n();
  return (
    <>
      {name ? initials(name) : <Icon name="account" />}
      <span className="hidden"> {t.account.menu}</span>
    </>
  );
}

/** Up to two letters; a name in Chinese is known by its last character. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? "")];
  if (/\p{Script=Han}/u.test(first[0] ?? "")) return first.at(-1) ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return `${first[0] ?? ""}${last}`.toUpperCase();
}
