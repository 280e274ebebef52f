import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useI18n } from "../i18n";
import { readTasks } from "../store/tasks";
import { readWishes } from "../store/outbox";
import { Icon, type IconName } from "../ui/Icon";
import { useOnline } from "./online";
import { Link } from "./router";
import css from "./Shell.module.css";
import { useLive } from "./use_live";

const TABS = [
  { to: "/", key: "make", icon: "make" },
  { to: "/library", key: "library", icon: "library" },
  { to: "/account", key: "account", icon: "account" },
] as const satisfies { to: string; key: string; icon: IconName }[];

/** The page with the tabs under it. */
export function Shell({ path, children }: { path: string; children: ComponentChildren }) {
  const { t } = useI18n();
  const isOnline = useOnline();
  const open = useLive(["outbox", "tasks"], async () => (await readWishes()).length + (await readTasks()).length) ?? 0;
  const page = useRef<HTMLDivElement>(null);
  const first = useRef(path);
  useEffect(() => {
    // After a change of page its heading is read out.
    if (first.current === path) return;
    first.current = "";
    const heading = page.current?.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }, [path]);
  return (
    <>
      <div ref={page} class={css.page}>
        {!isOnline && (
          <div class={css.offline} role="status">
            <Icon name="cloudOff" size={18} />
            {t.common.offline}
          </div>
        )}
        {children}
      </div>
      <nav class={css.tabs} aria-label={t.nav.label}>
        <ul>
          {TABS.map(({ to, key, icon }) => (
            <li key={key}>
              <Link to={to} aria-current={isOf(path, to) ? "page" : undefined}>
                <span>
                  <Icon name={icon} />
                  {key === "library" && open > 0 && (
                    <span class={css.badge} aria-hidden="true">
                      {open}
                    </span>
                  )}
                </span>
                <span>{t.nav[key]}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    </>
  );
}

function isOf(path: string, tab: string): boolean {
  return tab === "/" ? path === "/" || path.startsWith("/task/") : path.startsWith(tab);
}

/** The line at the head of a page. */
export function Top({ title, before, children }: { title?: string; before?: ComponentChildren; children?: ComponentChildren }) {
  return (
    <header class={css.top}>
      {before}
      {title ? <h1>{title}</h1> : <span class={css.gap} />}
      {children}
    </header>
  );
}
