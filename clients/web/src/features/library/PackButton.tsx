import { useState } from "react";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { PackDialog } from "./PackDialog";
import { libraryTexts } from "./texts";

/** Opens the packing of covers into a ZIP. */
export default function PackButton({ covers }: { covers: readonly Cover[] }) {
  const texts = useTexts(libraryTexts);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon="zip" onClick={() => setOpen(true)}>
        {texts.pack.open}
      </Button>
      <PackDialog covers={covers} open={isOpen} onOpenChange={setOpen} />
    </>
  );
}
