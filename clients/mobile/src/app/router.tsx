import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

const MOVED = "covergen:moved";

/** Goes to a page of the app. */
export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState({ inside: history.state?.inside }, "", path);
  else history.pushState({ inside: true }, "", path);
  dispatchEvent(new Event(MOVED));
  scrollTo(0, 0);
}

/** Goes back within the app; to `otherwise` where the app was opened here. */
export function goBack(otherwise: string): void {
  if (history.state?.inside) history.back();
  else navigate(otherwise, { replace: true });
}

/** The path of the page that is shown. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const follow = () => setPath(location.pathname);
    for (const event of ["popstate", MOVED]) addEventListener(event, follow);
    return () => {
      for (const event of ["popstate", MOVED]) removeEventListener(event, follow);
    };
  }, []);
  return path;
}

/** The step after `prefix`, as in `/library/cov_…`. */
export function stepAfter(prefix: string, path: string): string | undefined {
  const [step] = path.startsWith(prefix) ? path.slice(prefix.length).split("/") : [];
  return step ? decodeURIComponent(step) : undefined;
}

type LinkProps = { to: string; children: ComponentChildren } & JSX.HTMLAttributes<HTMLAnchorElement>;

export function Link({ to, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        if (to !== location.pathname) navigate(to);
      }}
    >
      {children}
    </a>
  );
}
