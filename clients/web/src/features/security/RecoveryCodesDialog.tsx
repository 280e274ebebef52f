import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Dialog } from "../../ui/Dialog";
import styles from "./security.module.css";
import { securityTexts } from "./texts";

/** Recovery codes, the one time that they are shown. */
export function RecoveryCodesDialog({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const texts = useTexts(securityTexts);
  const text = `${codes.join("\n")}\n`;
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = "covergen-recovery-codes.txt";
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={texts.codesTitle} description={texts.codesLead}>
      <ol className={styles.codes} data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code} className={styles.code}>
            {code}
          </li>
        ))}
      </ol>
      <div className={styles.actions}>
        <Copy text={text} />
        <Button size="small" icon="download" onClick={download}>
          {texts.codesDownload}
        </Button>
      </div>
      <Button kind="primary" wide onClick={onClose}>
        {texts.codesDone}
      </Button>
    </Dialog>
  );
}
