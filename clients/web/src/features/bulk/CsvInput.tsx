import { useRef } from "react";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Field, inputClass } from "../../ui/Field";
import { classes } from "../../ui/classes";
import styles from "./BulkPage.module.css";
import { bulkTexts } from "./texts";

/** Where the table goes in: typed, pasted, dropped or chosen as a file. */
export function CsvInput({ value, onChange }: { value: string; onChange: (csv: string) => void }) {
  const texts = useTexts(bulkTexts);
  const file = useRef<HTMLInputElement>(null);
  const take = async (chosen: File | undefined) => {
    if (chosen) onChange(await chosen.text());
    if (file.current) file.current.value = "";
  };
  return (
    <>
      <Field label={texts.paste} hint={texts.columns}>
        {(ids) => (
          <textarea
            {...ids}
            className={classes(inputClass, styles.text)}
            value={value}
            placeholder={texts.placeholder}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onChange(event.target.value)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              void take(event.dataTransfer.files[0]);
            }}
          />
        )}
      </Field>
      <div className={styles.tools}>
        <input
          ref={file}
          type="file"
          accept=".csv,text/csv,text/plain"
          className="hidden"
          tabIndex={-1}
          aria-hidden="true"
          data-testid="csv-file"
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <Button size="small" icon="upload" onClick={() => file.current?.click()}>
          {texts.choose}
        </Button>
        {value.trim() === "" && (
          <Button size="small" kind="quiet" onClick={() => onChange(texts.placeholder)}>
            {texts.sample}
          </Button>
        )}
      </div>
    </>
  );
}
