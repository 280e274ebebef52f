import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { safety } from "../../api/clients_admin";
import { newRequestId } from "../../api/request_id";
import type { Rule } from "../../gen/covergen/safety/v1/safety_pb";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { Field, inputClass, TextField } from "../../ui/Field";
import { Segmented } from "../../ui/Segmented";
import { toast } from "../../ui/toast";
import { DraftTry } from "./DraftTry";
import { rulesQuery } from "./queries";
import { FIELDS, formOf, problemsOf, type RuleForm, ruleOf } from "./rule_form";
import styles from "./rules.module.css";
import { rulesTexts } from "./texts";

/** Writes a rule, or another version of one. */
export function RuleDialog({ rule, onClose }: { rule?: Rule; onClose: () => void }) {
  const texts = useTexts(rulesTexts);
  const client = useQueryClient();
  const [form, setForm] = useState(() => formOf(rule));
  const [isChecked, setChecked] = useState(false);
  const found = problemsOf(form, !rule);
  const errorOf = (field: keyof typeof found) => (isChecked && found[field] ? texts[found[field]] : undefined);
  const change = (part: Partial<RuleForm>) => setForm((before) => ({ ...before, ...part }));
  const save = useMutation({
    mutationFn: () => {
      const requestId = newRequestId();
      if (!rule) return safety.createRule({ ruleId: form.id.trim(), rule: ruleOf(form), requestId });
      // Against the version that was opened, so that nobody's change is lost.
      return safety.updateRule({ ruleId: rule.id, rule: ruleOf(form), updateMask: { paths: FIELDS }, expectedVersion: rule.version, requestId });
    },
    onSuccess: ({ version }) => {
      onClose();
      toast({ text: texts.saved(version) });
      return client.invalidateQueries({ queryKey: rulesQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.values(found).every((problem) => !problem) && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={rule ? texts.editTitle(rule.id) : texts.createTitle}
      description={rule ? texts.editLead(rule.version + 1) : texts.createLead}
    >
      <form className="stack" onSubmit={submit} noValidate>
        {!rule && <TextField label={texts.id} hint={texts.idHint} error={errorOf("id")} value={form.id} maxLength={64} spellCheck={false} onChange={(event) => change({ id: event.target.value })} />}
        <TextField label={texts.description} hint={texts.descriptionHint} error={errorOf("description")} value={form.description} maxLength={400} onChange={(event) => change({ description: event.target.value })} />
        <div className={styles.columns}>
          <TextField label={texts.category} hint={texts.categoryHint} error={errorOf("category")} value={form.category} maxLength={40} spellCheck={false} onChange={(event) => change({ category: event.target.value })} />
          <TextField label={texts.region} hint={texts.regionHint} error={errorOf("region")} value={form.region} maxLength={2} onChange={(event) => change({ region: event.target.value })} />
          <TextField label={texts.score} hint={texts.scoreHint} error={errorOf("score")} value={form.score} inputMode="decimal" onChange={(event) => change({ score: event.target.value })} />
        </div>
        <Segmented
          label={texts.mode}
          value={form.mode}
          onChange={(mode) => change({ mode })}
          options={[
            { value: "shadow", label: texts.shadow },
            { value: "enforced", label: texts.enforced },
          ]}
        />
        <Lines label={texts.patterns} hint={texts.patternsHint} error={errorOf("patterns")} rows={5} value={form.patterns} onChange={(patterns) => change({ patterns })} />
        <Lines label={texts.exceptions} hint={texts.exceptionsHint} rows={2} value={form.exceptions} onChange={(exceptions) => change({ exceptions })} />
        <DraftTry form={form} />
        <div className={styles.columns}>
          <Segmented
            label={texts.ground}
            value={form.ground}
            onChange={(ground) => change({ ground })}
            options={[
              { value: "terms", label: texts.terms },
              { value: "law", label: texts.law },
            ]}
          />
          <TextField label={texts.reference} aside={texts.optional} value={form.reference} maxLength={200} onChange={(event) => change({ reference: event.target.value })} />
        </div>
        <TextField label={texts.note} aside={texts.optional} value={form.note} maxLength={400} onChange={(event) => change({ note: event.target.value })} />
        <FaultNotice error={save.error} />
        <Button type="submit" kind="primary" wide busy={save.isPending}>
          {texts.save}
        </Button>
      </form>
    </Dialog>
  );
}

interface LinesProps {
  label: string;
  hint: string;
  error?: string | undefined;
  rows: number;
  value: string;
  onChange: (value: string) => void;
}

/** Phrases, one a line. */
function Lines({ label, hint, error, rows, value, onChange }: LinesProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <textarea {...ids} className={`${inputClass} ${styles.lines}`} rows={rows} spellCheck={false} wrap="off" value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
