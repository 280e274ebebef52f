import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { safety } from "../../api/clients_admin";
import { newRequestId } from "../../api/request_id";
import { type Appeal, Appeal_State as State } from "../../gen/covergen/safety/v1/safety_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { Field, inputClass } from "../../ui/Field";
import { Segmented } from "../../ui/Segmented";
import { toast } from "../../ui/toast";
import styles from "./admin.module.css";
import { adminTexts } from "./texts";

/** Decides an appeal, with reasons. */
export function DecideDialog({ appeal, onClose }: { appeal: Appeal; onClose: () => void }) {
  const texts = useTexts(adminTexts);
  const client = useQueryClient();
  const [decision, setDecision] = useState<"uphold" | "overturn">("uphold");
  const [reason, setReason] = useState("");
  const [isMissing, setMissing] = useState(false);
  const decide = useMutation({
    mutationFn: () =>
      safety.decideAppeal({
        appealId: appeal.id,
        decision: decision === "uphold" ? State.UPHELD : State.OVERTURNED,
        reason: reason.trim(),
        requestId: newRequestId(),
      }),
    onSuccess: () => {
      onClose();
      toast({ text: texts.decided });
      return client.invalidateQueries({ queryKey: ["admin"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(reason.trim() === "");
    if (reason.trim() && !decide.isPending) decide.mutate();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={texts.decideTitle} description={texts.decideLead}>
      <form className="stack" onSubmit={submit} noValidate>
        <blockquote className={styles.quote}>{appeal.reason}</blockquote>
        <FaultNotice error={decide.error} />
        <Segmented
          label={texts.decide}
          value={decision}
          onChange={setDecision}
          options={[
            { value: "uphold", label: texts.uphold },
            { value: "overturn", label: texts.overturn },
          ]}
        />
        <Field label={texts.reasons} error={isMissing ? texts.reasonsMissing : undefined}>
          {(ids) => (
            <textarea {...ids} className={inputClass} rows={4} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
          )}
        </Field>
        <Button type="submit" kind="primary" wide busy={decide.isPending}>
          {texts.decide}
        </Button>
      </form>
    </Dialog>
  );
}
