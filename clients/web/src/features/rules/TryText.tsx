import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { safety } from "../../api/clients_admin";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Field, inputClass } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { Part } from "../../ui/Part";
import { Table } from "../../ui/Table";
import admin from "../admin/admin.module.css";
import { Marked } from "./Marked";
import styles from "./rules.module.css";
import { rulesTexts } from "./texts";

/** What the rules in force say about a text. */
export function TryText() {
  const texts = useTexts(rulesTexts);
  const [text, setText] = useState("");
  const check = useMutation({ mutationFn: (tried: string) => safety.checkText({ texts: [tried] }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() && !check.isPending) check.mutate(text);
  };
  const matches = check.data?.matches ?? [];
  return (
    <Part title={texts.tryTitle} lead={texts.tryLead}>
      <form className={styles.try} onSubmit={submit}>
        <Field label={texts.tryLabel}>
          {(ids) => <textarea {...ids} className={inputClass} rows={2} maxLength={2000} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
        <Button type="submit" disabled={text.trim() === ""} busy={check.isPending}>
          {texts.tryGo}
        </Button>
      </form>
      <FaultNotice error={check.error} />
      {check.isSuccess && matches.length === 0 && <Notice tone="info" icon="check" title={texts.tryClean} />}
      {check.isSuccess && matches.length > 0 && (
        <>
          <Marked text={check.variables} matches={matches} />
          <Table
            label={texts.matches}
            testId="try-matches"
            rows={matches}
            rowKey={({ ruleId, start, end }) => `${ruleId} ${start} ${end}`}
            columns={[
              { name: texts.rule, cell: ({ ruleId }) => <span className={admin.id}>{ruleId}</span> },
              { name: texts.category, cell: ({ category }) => category },
              { name: texts.where, cell: ({ region }) => (region === "*" ? texts.everywhere : region) },
              { name: texts.score, isNumeric: true, cell: ({ score }) => score.toFixed(2) },
              { name: texts.found, isNumeric: true, cell: ({ start, end }) => `${start + 1}–${end}` },
            ]}
          />
        </>
      )}
    </Part>
  );
}
