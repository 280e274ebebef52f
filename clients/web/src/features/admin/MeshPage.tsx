import { useQuery } from "@tanstack/react-query";
import type { MeshRoute } from "../../gen/covergen/mesh/v1/mesh_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge, type Tone } from "../../ui/Badge";
import { FaultNotice } from "../../ui/FaultNotice";
import { Notice } from "../../ui/Notice";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { Table } from "../../ui/Table";
import { AdminLayout } from "./AdminLayout";
import styles from "./admin.module.css";
import { meshQuery } from "./queries";
import { adminTexts } from "./texts";

const TONES: Record<string, Tone> = { closed: "good", open: "danger", half_open: "warn" };

/** Services, and the ways between them with their breakers. */
export default function MeshPage() {
  const { format } = useI18n();
  const texts = useTexts(adminTexts);
  const mesh = useQuery(meshQuery);
  const routes = mesh.data?.routes ?? [];
  return (
    <AdminLayout>
      {mesh.isPending && <Skeleton height="12rem" />}
      <FaultNotice error={mesh.error} onRetry={() => void mesh.refetch()} />
      {mesh.data && (
        <>
          {mesh.data.problems.length > 0 && (
            <Notice tone="danger" title={texts.problems}>
              {mesh.data.problems.join("; ")}
            </Notice>
          )}
          <Part title={texts.services} lead={texts.servicesLead}>
            <ul className={styles.services} data-testid="services">
              {mesh.data.services.map((service) => (
                <li key={service} className={styles.service}>
                  {service}
                </li>
              ))}
            </ul>
          </Part>
          <Part title={texts.routes} lead={`${texts.routesLead} ${texts.updated}.`}>
            {routes.length === 0 ? (
              <p className={styles.none}>{texts.routesEmpty}</p>
            ) : (
              <Table
                label={texts.routes}
                testId="routes"
                rows={routes}
                rowKey={({ source, target }) => `${source} ${target}`}
                columns={[
                  { name: texts.from, cell: ({ source }) => source },
                  { name: texts.to, cell: ({ target }) => target },
                  { name: texts.breaker, cell: ({ breaker }) => <Badge tone={TONES[breaker] ?? "neutral"}>{texts.breakers[breaker] ?? breaker}</Badge> },
                  { name: texts.inFlight, isNumeric: true, cell: ({ inFlight }) => format.number(inFlight) },
                  { name: texts.waitingCalls, isNumeric: true, cell: ({ waiting }) => format.number(waiting) },
                  { name: texts.address, cell: (route) => <Where route={route} /> },
                ]}
              />
            )}
          </Part>
        </>
      )}
    </AdminLayout>
  );
}

function Where({ route }: { route: MeshRoute }) {
  const texts = useTexts(adminTexts);
  if (route.endpoints.length === 0) return <>{route.address === "inprocess" ? texts.inProcess : route.address}</>;
  return <>{route.endpoints.map(({ address, state }) => `${address} (${state})`).join(", ")}</>;
}
