import { useEffect, useRef, useState } from "preact/hooks";
import { sendWaiting } from "../../app/background";
import { useOnline } from "../../app/online";
import { navigate } from "../../app/router";
import { Top } from "../../app/Shell";
import { useLive } from "../../app/use_live";
import { sentenceFor, useI18n } from "../../i18n";
import { readValue } from "../../store/meta";
import { keepWish, readWishes, withdrawWish } from "../../store/outbox";
import { readTasks } from "../../store/tasks";
import { refreshCatalog } from "../../sync/catalog";
import { fetchRunning } from "../../sync/tasks";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { toast } from "../../ui/toast";
import { type Draft, errorsIn, keepDraft, ratioOf, startDraft, thumbnailOf } from "./draft";
import css from "./make.module.css";
import { Running } from "./Running";
import { SizeChips } from "./SizeChips";
import { Stage } from "./Stage";
import { TemplateCarousel } from "./TemplateCarousel";
import { TitleFields } from "./TitleFields";
import { usePreview } from "./use_preview";

/** Where covers are asked for. */
export function MakePage() {
  const i18n = useI18n();
  const { t, day } = i18n;
  const isOnline = useOnline();
  const catalog = useLive(["catalog"], () => readValue("catalog"));
  const quota = useLive(["quota"], () => readValue("quota"));
  const [draft, setDraft] = useState<Draft>(startDraft);
  const [isChecked, check] = useState(false);
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState("");
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    document.title = "Covergen";
  }, []);
  useEffect(() => {
    void refreshCatalog().catch(() => undefined);
    void fetchRunning().catch(() => undefined);
  }, [isOnline]);
  useEffect(() => keepDraft(draft), [draft]);

  const template = catalog?.templates.find(({ id }) => id === draft.templateId);
  const isLocked = Boolean(template?.isPremium) && (quota?.tier ?? "FREE") === "FREE";
  const isExhausted = quota?.remaining === 0;
  const preset = draft.sizes.at(-1) ?? "youtube";
  const title = draft.title.trim() || t.make.sample;
  const templateId = draft.templateId || (catalog?.templates[0]?.id ?? "");
  const preview = usePreview({ title, subtitle: draft.subtitle.trim(), templateId, preset }, isOnline && catalog !== undefined && !isLocked);
  const errors = isChecked ? errorsIn(draft, t.make) : {};
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });

  const generate = async () => {
    check(true);
    const [wrong] = Object.keys(errorsIn(draft, t.make));
    if (wrong) return form.current?.querySelector<HTMLElement>(`[data-field=${wrong}]`)?.focus();
    if (isSending) return;
    setSending(true);
    setRefusal("");
    const wish = await keepWish(
      {
        title: draft.title.trim(),
        subtitle: draft.subtitle.trim(),
        templateId,
        sizes: draft.sizes.map((size) => ({ preset: size })),
      },
      ratioOf(catalog, draft.sizes[0]),
    );
    await sendWaiting().catch(() => undefined);
    setSending(false);
    const task = (await readTasks()).find(({ key }) => key === wish.key);
    const left = (await readWishes()).find(({ key }) => key === wish.key);
    if (left?.refusal) {
      // Told here at once, so it need not wait in the library as well.
      await withdrawWish(left.key);
      return setRefusal(sentenceFor({ code: "", message: left.refusal.detail, reason: left.refusal.reason }, i18n));
    }
    keepDraft({ ...draft, title: "", subtitle: "" });
    if (task) return navigate(`/task/${task.taskId}`);
    toast(t.make.queued);
    navigate("/library");
  };

  return (
    <main>
      <Top title={t.make.title}>
        {quota && (
          <span class={css.quota} data-testid="quota">
            {t.make.left(quota.remaining)}
          </span>
        )}
      </Top>
      <Running />
      <form
        ref={form}
        class={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void generate();
        }}
      >
        <Stage {...preview} standIn={isLocked ? thumbnailOf(templateId) : undefined} isOnline={isOnline} ratio={ratioOf(catalog, preset)} preset={catalog?.presets.find(({ id }) => id === preset)} />
        <TitleFields draft={draft} errors={errors} onChange={change} />
        {refusal && <Notice>{refusal}</Notice>}
        <TemplateCarousel catalog={catalog} value={templateId} onChange={(id) => change({ templateId: id })} />
        {isLocked && (
          <Notice calm icon="star">
            {t.make.premiumLocked}
          </Notice>
        )}
        <SizeChips catalog={catalog} value={draft.sizes} error={errors.sizes} onChange={(sizes) => change({ sizes })} />
        {isExhausted && (
          <Notice calm icon="clock">
            {t.make.exhausted(day(quota.resetsAt ?? ""))}
          </Notice>
        )}
        <div class={css.bar} data-bar>
          <Button type="submit" wide isOff={isSending || isLocked || isExhausted || !catalog}>
            {isSending ? t.make.sending : t.make.generate(Math.max(1, draft.sizes.length))}
          </Button>
        </div>
      </form>
    </main>
  );
}
