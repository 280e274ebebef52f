import { Component, type ComponentChildren } from "preact";
import { AccountPage } from "../features/account/AccountPage";
import { SignPage } from "../features/auth/SignPage";
import { CoverPage } from "../features/cover/CoverPage";
import { LibraryPage } from "../features/library/LibraryPage";
import { MakePage } from "../features/make/MakePage";
import { TaskPage } from "../features/task/TaskPage";
import { useI18n } from "../i18n";
import { personSignedIn } from "../store/session";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Notice";
import { Toasts } from "../ui/toast";
import { Link, stepAfter, usePath } from "./router";
import { Shell } from "./Shell";
import { useLive } from "./use_live";

export function App() {
  const signedIn = useLive(["session"], async () => ({ person: await personSignedIn() }));
  return (
    <Boundary>
      {signedIn && (signedIn.person ? <Pages /> : <SignPage />)}
      <Toasts />
    </Boundary>
  );
}

function Pages() {
  const path = usePath();
  const coverId = stepAfter("/library/", path);
  const taskId = stepAfter("/task/", path);
  return (
    <Shell path={path}>
      {coverId ? (
        <CoverPage key={coverId} id={coverId} />
      ) : taskId ? (
        <TaskPage key={taskId} id={taskId} />
      ) : path === "/library" ? (
        <LibraryPage />
      ) : path === "/account" ? (
        <AccountPage />
      ) : ["/", "/index.html", "/sign-in", "/sign-up", "/forgot"].includes(path) ? (
        <MakePage />
      ) : (
        <NotFound />
      )}
    </Shell>
  );
}

function NotFound() {
  const { t } = useI18n();
  return (
    <main>
      <h1 class="hidden">{t.common.notFound}</h1>
      <Empty icon="warning" title={t.common.notFound}>
        <p>{t.common.notFoundBody}</p>
        <Link to="/">{t.nav.make}</Link>
      </Empty>
    </main>
  );
}

/** Keeps a page that fails from taking everything with it. */
class Boundary extends Component<{ children: ComponentChildren }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static override getDerivedStateFromError() {
    return { hasFailed: true };
  }

  render() {
    return this.state.hasFailed ? <Stumbled /> : this.props.children;
  }
}

function Stumbled() {
  const { t } = useI18n();
  return (
    <main>
      <Empty icon="warning" title={t.common.stumbled}>
        <p>{t.common.stumbledBody}</p>
        <Button onClick={() => location.reload()}>{t.common.updateAction}</Button>
      </Empty>
    </main>
  );
}
