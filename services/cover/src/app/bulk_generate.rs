use std::collections::HashMap;

use covergen_identity::Principal;
use covergen_ids::BulkId;
use covergen_proto::cover::v1::BulkGenerateRequest;
use covergen_proto::template::v1::Template;
use covergen_store::ClaimScope;

use super::order::palette;
use super::{App, BulkView};
use crate::bulk::{Findings, Row, Settings, check_rows, read_rows};
use crate::error::Error;
use crate::look::{Asked, Look};
use crate::store::bulks;
use crate::store::entity::bulk;
use crate::store::entity::bulk_row::{self, State};

const METHOD: &str = "covergen.cover.v1.CoverService/BulkGenerate";

/// Most different templates in one bulk: each is looked up once.
const MAX_TEMPLATES: usize = 100;

impl App {
    /// Takes many rows, checks every one, and answers with the bulk that will
    /// make them. What waits outside of it, such as the texts' verdict and the
    /// quota, is looked at when a row's turn comes: one bad row then fails
    /// alone.
    pub(crate) async fn bulk_generate(
        &self,
        who: &Principal,
        mut request: BulkGenerateRequest,
    ) -> Result<BulkView, Error> {
        self.check_bulk_allowed(who).await?;
        let scope = ClaimScope::new(who.user_id.to_string(), METHOD, &request.request_id);
        // The claim's digest is over the request as it came.
        let digested = request.clone();
        let rows = read_rows(&mut request).map_err(Error::from)?;
        let photo = Look::read(Asked {
            colors: &request.colors,
            font: &request.font,
            kicker: "",
            photo: request.photo.as_ref(),
        })
        .map_err(Error::Invalid)?
        .photo;
        let settings = Settings::of(&request, photo);
        let max_images = self.config.max_images;
        check_rows(&settings, &rows, max_images)?;
        let name = request.name.trim().to_owned();
        let id: String = self
            .store
            .idempotent(&scope, &digested, |claim| async {
                let open = bulks::open_of(self.store.read(), who).await?;
                if open >= self.config.max_open_bulks {
                    return Err(Error::TooManyBulks(self.config.max_open_bulks));
                }
                self.check_elsewhere(who, &settings, &rows).await?;
                let id = BulkId::from_uuid(claim.operation_id());
                let tx = self.store.begin().await?;
                let (bulk, rows) = rows_of(who, id, name, &settings, &rows, tx.now_ms())?;
                bulks::insert(&tx, bulk, rows).await?;
                Ok::<_, Error>(tx.commit_with(claim, id.to_string()).await?)
            })
            .await?;
        let id: BulkId = id
            .parse()
            .map_err(|error| Error::Corrupt(format!("{error}")))?;
        self.live.changed(id).await;
        self.get_bulk(who, id).await
    }

    /// Refuses whoever's tier has no bulks.
    pub(super) async fn check_bulk_allowed(&self, who: &Principal) -> Result<(), Error> {
        if self.entitlements(who).await?.bulk {
            Ok(())
        } else {
            Err(Error::TierRequired)
        }
    }

    /// What other services know of the rows: templates, palettes, photo and
    /// brand kit, each looked up once.
    async fn check_elsewhere(
        &self,
        who: &Principal,
        settings: &Settings,
        rows: &[Row],
    ) -> Result<(), Error> {
        let entitlements = self.entitlements(who).await?;
        self.brand_kit(&settings.brand_kit_id).await?;
        if let Some(photo) = settings.photo {
            self.peers.asset(photo.asset_id).await?;
        }
        let mut known: HashMap<String, Result<Template, String>> = HashMap::new();
        let mut found = Findings::default();
        for (at, row) in rows.iter().enumerate() {
            let wanted = settings.request(row);
            if wanted.template_id.is_empty() {
                continue;
            }
            if !known.contains_key(&wanted.template_id) {
                if known.len() == MAX_TEMPLATES {
                    found.add(
                        at,
                        "templateId",
                        &format!("there are more than {MAX_TEMPLATES} different templates"),
                    );
                    break;
                }
                let resolved = self
                    .peers
                    .template(&wanted.template_id, entitlements.premium_templates)
                    .await?;
                known.insert(wanted.template_id.clone(), resolved);
            }
            match &known[&wanted.template_id] {
                Err(problem) => found.add(at, "templateId", problem),
                Ok(template) => {
                    if let Err(Error::Invalid(problems)) = palette(template, &wanted.palette_id) {
                        for (field, problem) in problems {
                            found.add(at, &field, &problem);
                        }
                    }
                }
            }
        }
        if found.total == 0 {
            Ok(())
        } else {
            Err(found.into())
        }
    }
}

fn rows_of(
    who: &Principal,
    id: BulkId,
    name: String,
    settings: &Settings,
    rows: &[Row],
    now_ms: i64,
) -> Result<(bulk::Model, Vec<bulk_row::Model>), Error> {
    let json = |error: serde_json::Error| Error::Corrupt(error.to_string());
    let bulk = bulk::Model {
        id,
        workspace_id: who.workspace_id,
        user_id: who.user_id,
        name,
        total_rows: i32::try_from(rows.len()).unwrap_or(i32::MAX),
        settings_json: serde_json::to_string(settings).map_err(json)?,
        is_open: true,
        is_cancelled: false,
        version: 1,
        lease_owner: String::new(),
        lease_until_ms: 0,
        created_at_ms: now_ms,
        ended_at_ms: None,
    };
    let rows = rows
        .iter()
        .zip(1..)
        .map(|(row, row_number)| {
            Ok(bulk_row::Model {
                bulk_id: id,
                row_number,
                workspace_id: who.workspace_id,
                user_id: who.user_id,
                state: State::Pending,
                attempt: 1,
                delays: 0,
                row_json: serde_json::to_string(row).map_err(json)?,
                task_id: None,
                error_reason: None,
                error_message: None,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok((bulk, rows))
}
