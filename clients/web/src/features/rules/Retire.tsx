import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { safety } from "../../api/clients_admin";
import { newRequestId } from "../../api/request_id";
import { useTexts } from "../../i18n/texts";
import { Confirm } from "../../ui/Confirm";
import { TextField } from "../../ui/Field";
import { toast } from "../../ui/toast";
import { rulesQuery } from "./queries";
import { rulesTexts } from "./texts";

/** Asks before a rule is taken out of force. */
export function Retire({ ruleId, onClose }: { ruleId: string; onClose: () => void }) {
  const texts = useTexts(rulesTexts);
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const retire = useMutation({
    mutationFn: () => safety.deleteRule({ ruleId, note: note.trim(), requestId: newRequestId() }),
    onSuccess: () => {
      onClose();
      toast({ text: texts.retireDone });
      return client.invalidateQueries({ queryKey: rulesQuery.queryKey });
    },
  });
  return (
    <Confirm open onOpenChange={(open) => !open && onClose()} title={texts.retireTitle} body={texts.retireBody(ruleId)} action={texts.retire} work={retire}>
      <TextField label={texts.note} aside={texts.optional} value={note} maxLength={400} onChange={(event) => setNote(event.target.value)} />
    </Confirm>
  );
}
