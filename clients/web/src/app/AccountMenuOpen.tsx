import * as Menu from "@radix-ui/react-dropdown-menu";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { accountQuery, meQuery } from "../api/queries";
import { useSignOut } from "../features/auth/sign_out";
import { useI18n } from "../i18n";
import { setTheme, type Theme, useTheme } from "../theme/theme";
import { Icon } from "../ui/Icon";
import { Initials } from "./AccountMenu";
import styles from "./AccountMenu.module.css";

/** The menu itself; it is fetched when it is first wanted. */
export default function AccountMenuOpen() {
  const { t } = useI18n();
  const [, navigate] = useLocation();
  const me = useQuery(meQuery).data;
  const roles = useQuery(accountQuery).data?.roles ?? [];
  const place = roles.includes("admin") ? "/admin" : roles.includes("moderator") ? "/admin/safety" : undefined;
  const theme = useTheme();
  const signOut = useSignOut();
  const themes: [Theme, string][] = [
    ["system", t.account.themeSystem],
    ["light", t.account.themeLight],
    ["dark", t.account.themeDark],
  ];
  return (
    <Menu.Root modal={false} defaultOpen>
      <Menu.Trigger className={styles.trigger}>
        <Initials name={me?.displayName} />
      </Menu.Trigger>
      <Menu.Content className={styles.menu} align="end" sideOffset={8} collisionPadding={8}>
        {me && (
          <Menu.Label className={styles.who}>
            <span className={styles.name}>{me.displayName}</span>
            <span className={styles.email}>{me.email}</span>
          </Menu.Label>
        )}
        <Menu.Item className={styles.item} onSelect={() => navigate("/account")}>
          <Icon name="account" />
          {t.nav.account}
        </Menu.Item>
        {place && (
          <Menu.Item className={styles.item} onSelect={() => navigate(place)}>
            <Icon name="gauge" />
            {t.nav.admin}
          </Menu.Item>
        )}
        <Menu.Separator className={styles.rule} />
        <Menu.RadioGroup
          value={theme}
          onValueChange={(value) => setTheme(themes.find(([id]) => id === value)?.[0] ?? "system")}
          aria-label={t.account.theme}
        >
          {themes.map(([id, name]) => (
            <Menu.RadioItem
              key={id}
              value={id}
              className={styles.item}
              // The menu stays open, so that themes can be compared.
              onSelect={(event) => event.preventDefault()}
            >
              <span className={styles.tick}>
                <Menu.ItemIndicator>
                  <Icon name="check" />
                </Menu.ItemIndicator>
              </span>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Separator className={styles.rule} />
        <Menu.Item className={styles.item} onSelect={() => signOut.mutate()}>
          <Icon name="signOut" />
          {t.account.signOut}
        </Menu.Item>
      </Menu.Content>
    </Menu.Root>
  );
}
