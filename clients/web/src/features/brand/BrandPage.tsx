import { useQuery } from "@tanstack/react-query";
import { usePageTitle } from "../../app/title";
import { subscriptionQuery } from "../../api/queries";
import { useTexts } from "../../i18n/texts";
import { Page } from "../../ui/Page";
import styles from "./brand.module.css";
import { CustomTemplates } from "./CustomTemplates";
import { Kits } from "./Kits";
import { brandTexts } from "./texts";

/** Brand kits, and templates of one's own. */
export default function BrandPage() {
  const texts = useTexts(brandTexts);
  usePageTitle(texts.title);
  const plan = useQuery(subscriptionQuery).data;
  const lacks = (feature: string) => plan !== undefined && !plan.features.includes(feature);
  return (
    <Page>
      <div>
        <h1>{texts.title}</h1>
        <p className={styles.lead}>{texts.lead}</p>
      </div>
      <Kits isLocked={lacks("brand_kits")} />
      <CustomTemplates isLocked={lacks("custom_templates")} />
    </Page>
  );
}
