import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { safety } from "../../api/clients_admin";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Marked } from "./Marked";
import { linesOf, type RuleForm } from "./rule_form";
import styles from "./rules.module.css";
import { rulesTexts } from "./texts";

/** What the phrases in the form would match, before anything is saved. */
export function DraftTry({ form }: { form: RuleForm }) {
  const texts = useTexts(rulesTexts);
  const [text, setText] = useState("");
  const patterns = linesOf(form.patterns);
  const attempt = useMutation({
    mutationFn: (tried: string) => safety.tryRule({ patterns, exceptions: linesOf(form.exceptions), texts: [tried] }),
  });
  const isReady = patterns.length > 0 && text.trim() !== "";
  const go = () => {
    if (isReady && !attempt.isPending) attempt.mutate(text);
  };
  return (
    <fieldset className={styles.draft}>
      <legend>{texts.draftTry}</legend>
      <div className={styles.try}>
        <TextField
          label={texts.draftLabel}
          value={text}
          maxLength={2000}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Enter tries; it does not save the rule around it.
            if (event.key !== "Enter") return;
            event.preventDefault();
            go();
          }}
        />
        <Button disabled={!isReady} busy={attempt.isPending} onClick={go}>
          {texts.tryGo}
        </Button>
      </div>
      <FaultNotice error={attempt.error} />
      <div role="status">
        {attempt.data && (attempt.data.matches.length > 0 ? <Marked text={attempt.variables} matches={attempt.data.matches} /> : <p>{texts.draftNone}</p>)}
      </div>
    </fieldset>
  );
}
