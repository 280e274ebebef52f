import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { myTemplatesQuery, preferencesQuery, quotaQuery, templatesQuery } from "../../api/queries";
import { usePageTitle } from "../../app/title";
import { Tier_Kind as Tier } from "../../gen/covergen/user/v1/user_pb";
import { useI18n } from "../../i18n";
import { usePresets } from "../cover/sizes";
import { beginWith } from "./begin";
import { changeDraft, isFresh, useDraft } from "./draft";
import { type DraftErrors, draftErrors } from "./draft_errors";
import { GenerateBar } from "./GenerateBar";
import styles from "./MakePage.module.css";
import { Panels, type Tool } from "./Panels";
import { RunPanel } from "./RunPanel";
import { Stage } from "./Stage";
import { TitleFields } from "./TitleFields";
import { IDLE, useRun } from "./use_run";

/** The main screen: what is wanted at the left, what it becomes at the right. */
export default function MakePage() {
  const { t } = useI18n();
  usePageTitle(t.make.pageTitle);
  const draft = useDraft();
  const gallery = useQuery(templatesQuery);
  const quota = useQuery(quotaQuery).data;
  const presets = usePresets();
  const { run, start, cancel, dismiss } = useRun();
  const [errors, setErrors] = useState<DraftErrors>({});
  const [tool, setTool] = useState<Tool>("template");
  const form = useRef<HTMLFormElement>(null);
  const mine = useQuery(myTemplatesQuery);
  const preferences = useQuery(preferencesQuery);

  const known = [...(gallery.data ?? []), ...(mine.data ?? [])];
  const template = known.find(({ id }) => id === draft.templateId);
  const isLocked = Boolean(template?.isPremium) && quota?.tier === Tier.FREE;

  useEffect(() => {
    if (preferences.data && isFresh()) beginWith(preferences.data);
  }, [preferences.data]);

  useEffect(() => {
    // Until a template is chosen, the gallery's first free one is.
    const first = gallery.data?.find(({ isPremium }) => !isPremium) ?? gallery.data?.[0];
    if (first && !template && !mine.isPending && !preferences.isPending) changeDraft({ templateId: first.id, paletteId: "" });
  }, [gallery.data, mine.isPending, preferences.isPending, template]);

  useEffect(() => {
    // The first fault takes focus, which reads it out; its tab is open by now.
    const [first] = Object.keys(errors);
    if (first) form.current?.querySelector<HTMLElement>(`[data-field="${first}"]`)?.focus();
  }, [errors]);

  const submit = () => {
    const found = draftErrors(draft, t.make);
    setErrors(found);
    const hasTexts = found.title ?? found.subtitle ?? found.kicker;
    if (!hasTexts && (found.sizes ?? found.formats)) setTool("output");
    if (Object.keys(found).length === 0 && !run.isRunning && !isLocked) void start(draft);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
  };

  return (
    <div className={styles.page}>
      <h1 className="hidden">{t.make.pageTitle}</h1>
      <form
        ref={form}
        className={styles.panel}
        noValidate
        onKeyDown={onKeyDown}
        onChange={() => setErrors({})}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className={styles.controls}>
          <TitleFields draft={draft} errors={errors} />
          <Panels
            tool={tool}
            onTool={setTool}
            draft={draft}
            errors={errors}
            gallery={gallery}
            template={template}
            presets={presets}
          />
        </div>
        <GenerateBar draft={draft} quota={quota} locked={isLocked ? template : undefined} isRunning={run.isRunning} />
      </form>
      <div className={styles.work}>
        <Stage draft={draft} presets={presets} template={template} isLocked={isLocked} isPinned={run === IDLE} />
        <RunPanel run={run} onCancel={cancel} onDismiss={dismiss} />
      </div>
    </div>
  );
}
