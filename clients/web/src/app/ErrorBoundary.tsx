import { Component, type ReactNode } from "react";
import { useI18n } from "../i18n";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";

/** Keeps a fault in one page from taking the app down. A page whose files
    were replaced by a newer release fails here too; reloading brings them. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <Crash /> : this.props.children;
  }
}

function Crash() {
  const { t } = useI18n();
  return (
    <Empty
      isAlert
      isPage
      title={t.crash.title}
      body={t.crash.body}
      action={
        <Button kind="primary" onClick={() => window.location.reload()}>
          {t.crash.action}
        </Button>
      }
    />
  );
}
