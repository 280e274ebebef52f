import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { templates } from "../../api/clients";
import { toFault } from "../../api/fault";
import { designOptionsQuery, templatesQuery } from "../../api/queries";
import { PageLoading } from "../../app/PageLoading";
import { usePageTitle } from "../../app/title";
import { useTexts } from "../../i18n/texts";
import { buttonClass } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { FaultNotice } from "../../ui/FaultNotice";
import { BackLink, Page } from "../../ui/Page";
import { TemplateEditor } from "./TemplateEditor";
import { brandTexts } from "./texts";

const NEW = "new";

/** A custom template, new or known, with the picture it makes. */
export default function TemplatePage({ templateId }: { templateId: string }) {
  const texts = useTexts(brandTexts);
  const isNew = templateId === NEW;
  const gallery = useQuery(templatesQuery);
  const options = useQuery(designOptionsQuery);
  const known = useQuery({
    queryKey: ["my-template", templateId],
    queryFn: ({ signal }) => templates.getTemplate({ templateId }, { signal }),
    enabled: !isNew,
  });
  usePageTitle(known.data?.name ?? texts.templateNew);
  const error = gallery.error ?? options.error ?? known.error;
  const isGone = known.error !== null && ["NOT_FOUND", "INVALID_ARGUMENT"].includes(toFault(known.error).code);
  const back = (
    <Link href="/brand" className={buttonClass({ kind: "primary" })}>
      {texts.back}
    </Link>
  );
  const isReady = gallery.data && options.data && (isNew || known.data);
  return (
    <Page>
      <BackLink href="/brand">{texts.back}</BackLink>
      {isGone ? <Empty isAlert isPage title={texts.gone} body={texts.goneBody} action={back} /> : <FaultNotice error={error} />}
      {!isReady && !error && <PageLoading />}
      {isReady && <TemplateEditor key={known.data?.etag ?? NEW} template={known.data} gallery={gallery.data} options={options.data} />}
    </Page>
  );
}
