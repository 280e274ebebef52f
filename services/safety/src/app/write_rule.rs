//! Changes of rules: each is a new version, and in force at once.

use covergen_identity::Principal;
use covergen_proto::safety::v1::rule::{Ground, Mode};
use covergen_proto::safety::v1::{
    CreateRuleRequest, DeleteRuleRequest, RollbackRuleRequest, Rule as Wire, UpdateRuleRequest,
};
use covergen_store::{ClaimScope, Tx};

use super::App;
use crate::api::encode;
use crate::domain::screen::{MAX_PHRASES, Screen};
use crate::domain::{EVERYWHERE, Rule};
use crate::error::Error;
use crate::events;
use crate::store::entity::rule;
use crate::store::rules::{self, MAX_RULES};

const SERVICE: &str = "covergen.safety.v1.SafetyService";

/// The fields that may be changed, as masks name them.
const FIELDS: [&str; 10] = [
    "category",
    "description",
    "region",
    "score",
    "mode",
    "patterns",
    "exceptions",
    "ground",
    "ground_reference",
    "note",
];

impl App {
    /// Adds a rule, in shadow unless it says otherwise.
    pub(crate) async fn create_rule(
        &self,
        caller: &Principal,
        request: CreateRuleRequest,
    ) -> Result<Wire, Error> {
        let given = request.rule.clone().unwrap_or_default();
        let note = given.note.clone();
        let mut rule = blank(&request.rule_id);
        change(&mut rule, &FIELDS, given);
        self.check_rule(&rule).await?;
        let scope = scope(caller, "CreateRule", &request.request_id);
        let answer = self.store.idempotent(&scope, &request, |claim| async {
            let tx = self.store.begin().await?;
            rules::lock_state(&tx).await?;
            if rules::version(&tx, &rule.id, None).await?.is_some() {
                return Err(Error::Exists("there is a rule of this id"));
            }
            if rules::count(&tx).await? >= MAX_RULES {
                return Err(Error::TooMany("there are as many rules as there may be"));
            }
            rule.version = 1;
            let row = rule::Model::written(rule, caller.user_id, note, tx.now_ms());
            let row = put(&tx, row).await?;
            Ok(tx.commit_with(claim, encode::full_rule(row)).await?)
        });
        let answer: Result<_, Error> = answer.await;
        let answer = answer?;
        self.apply_change().await;
        Ok(answer)
    }

    /// Changes the fields that the mask names; without one, those that are
    /// present.
    pub(crate) async fn update_rule(
        &self,
        caller: &Principal,
        request: UpdateRuleRequest,
    ) -> Result<Wire, Error> {
        let given = request.rule.clone().unwrap_or_default();
        let fields = changed_fields(&request, &given)?;
        let note = given.note.clone();
        let scope = scope(caller, "UpdateRule", &request.request_id);
        let answer = self.store.idempotent(&scope, &request, |claim| async {
            let tx = self.store.begin().await?;
            rules::lock_state(&tx).await?;
            let newest = newest(&tx, &request.rule_id).await?;
            let expected = request.expected_version;
            if expected > 0 && expected != newest.version {
                let current = newest.version;
                return Err(Error::VersionMismatch { current });
            }
            let mut rule = Rule::from(newest);
            rule.version += 1;
            rule.is_retired = false;
            change(&mut rule, &fields, given);
            self.check_rule(&rule).await?;
            let row = rule::Model::written(rule, caller.user_id, note, tx.now_ms());
            let row = put(&tx, row).await?;
            Ok(tx.commit_with(claim, encode::full_rule(row)).await?)
        });
        let answer: Result<_, Error> = answer.await;
        let answer = answer?;
        self.apply_change().await;
        Ok(answer)
    }

    /// Takes a rule out of force. Doing it again changes nothing.
    pub(crate) async fn delete_rule(
        &self,
        caller: &Principal,
        request: DeleteRuleRequest,
    ) -> Result<Wire, Error> {
        let scope = scope(caller, "DeleteRule", &request.request_id);
        let answer = self.store.idempotent(&scope, &request, |claim| async {
            let tx = self.store.begin().await?;
            rules::lock_state(&tx).await?;
            let mut row = newest(&tx, &request.rule_id).await?;
            if !row.is_retired {
                let mut rule = Rule::from(row);
                rule.version += 1;
                rule.is_retired = true;
                let note = request.note.clone();
                row = rule::Model::written(rule, caller.user_id, note, tx.now_ms());
                row = put(&tx, row).await?;
            }
            Ok(tx.commit_with(claim, encode::full_rule(row)).await?)
        });
        let answer: Result<_, Error> = answer.await;
        let answer = answer?;
        self.apply_change().await;
        Ok(answer)
    }

    /// Brings an earlier version back, as a new one.
    pub(crate) async fn rollback_rule(
        &self,
        caller: &Principal,
        request: RollbackRuleRequest,
    ) -> Result<Wire, Error> {
        let scope = scope(caller, "RollbackRule", &request.request_id);
        let answer = self.store.idempotent(&scope, &request, |claim| async {
            let tx = self.store.begin().await?;
            rules::lock_state(&tx).await?;
            let newest = newest(&tx, &request.rule_id).await?;
            let earlier = rules::version(&tx, &request.rule_id, Some(request.version))
                .await?
                .ok_or(Error::NotFound("version of this rule"))?;
            if earlier.version == newest.version {
                let why = "this version is the newest";
                return Err(Error::State("VERSION_IS_CURRENT", why));
            }
            let mut rule = Rule::from(earlier);
            rule.version = newest.version + 1;
            self.check_rule(&rule).await?;
            let note = request.note.clone();
            let mut row = rule::Model::written(rule, caller.user_id, note, tx.now_ms());
            row.restored_from = Some(request.version);
            let row = put(&tx, row).await?;
            Ok(tx.commit_with(claim, encode::full_rule(row)).await?)
        });
        let answer: Result<_, Error> = answer.await;
        let answer = answer?;
        self.apply_change().await;
        Ok(answer)
    }

    /// Whether a rule can be used, alone and beside the others.
    async fn check_rule(&self, rule: &Rule) -> Result<(), Error> {
        let mut violations = Vec::new();
        for (field, is_missing, problem) in [
            ("rule.category", rule.category.is_empty(), "is needed"),
            (
                "rule.description",
                rule.description.trim().is_empty(),
                "is needed",
            ),
            ("rule.score", rule.score <= 0.0, "must be above 0"),
            (
                "rule.patterns",
                rule.patterns.is_empty() && !rule.is_retired,
                "at least one is needed",
            ),
        ] {
            if is_missing {
                violations.push((field.to_owned(), problem.to_owned()));
            }
        }
        if !violations.is_empty() {
            return Err(Error::Invalid(violations));
        }
        let rule = rule.clone();
        let phrases = tokio::task::spawn_blocking(move || {
            Screen::new(vec![rule])
                .map(|screen| screen.phrase_count())
                .map_err(|error| Error::invalid("rule.patterns", &error))
        });
        let phrases = phrases.await.map_err(|_| Error::Interrupted)??;
        // The old version of this very rule is counted as well: a little room
        // is lost, and the rules together can always be matched with.
        if phrases + self.rulebook.book().screen.phrase_count() > MAX_PHRASES {
            return Err(Error::TooMany("all rules together have too many phrases"));
        }
        Ok(())
    }
}

async fn newest(tx: &Tx, id: &str) -> Result<rule::Model, Error> {
    rules::version(tx, id, None)
        .await?
        .ok_or(Error::NotFound("rule"))
}

/// Adds a version, and tells of it.
async fn put(tx: &Tx, row: rule::Model) -> Result<rule::Model, Error> {
    let row = rules::add_version(tx, row).await?;
    let revision = rules::raise_revision(tx).await?;
    events::rules_changed(tx, revision, vec![row.id.clone()]).await?;
    Ok(row)
}

pub(super) fn scope(caller: &Principal, method: &str, request_id: &str) -> ClaimScope {
    ClaimScope::new(
        caller.user_id.to_string(),
        format!("{SERVICE}/{method}"),
        request_id,
    )
}

/// A rule that says nothing yet.
fn blank(id: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        version: 0,
        category: String::new(),
        description: String::new(),
        region: EVERYWHERE.to_owned(),
        score: 0.0,
        patterns: Vec::new(),
        exceptions: Vec::new(),
        is_retired: false,
        is_shadow: true,
        is_law: false,
        ground_reference: String::new(),
    }
}

fn changed_fields(request: &UpdateRuleRequest, new: &Wire) -> Result<Vec<&'static str>, Error> {
    let Some(mask) = &request.update_mask else {
        let present = [
            !new.category.is_empty(),
            !new.description.is_empty(),
            !new.region.is_empty(),
            new.score > 0.0,
            new.mode() != Mode::Unspecified,
            !new.patterns.is_empty(),
            !new.exceptions.is_empty(),
            new.ground() != Ground::Unspecified,
            !new.ground_reference.is_empty(),
            !new.note.is_empty(),
        ];
        let fields = FIELDS.into_iter().zip(present);
        return Ok(fields
            .filter(|(_, is)| *is)
            .map(|(field, _)| field)
            .collect());
    };
    let mut fields = Vec::new();
    let mut unknown = Vec::new();
    for path in &mask.paths {
        match FIELDS.into_iter().find(|field| field == path) {
            Some(field) => fields.push(field),
            None => unknown.push((
                "updateMask".to_owned(),
                format!("`{path}` is not a field that can be changed"),
            )),
        }
    }
    if unknown.is_empty() {
        Ok(fields)
    } else {
        Err(Error::Invalid(unknown))
    }
}

/// Takes over the named fields. What is not said means its default.
fn change(rule: &mut Rule, fields: &[&str], new: Wire) {
    let (mode, ground) = (new.mode(), new.ground());
    let names = |field: &str| fields.contains(&field);
    if names("category") {
        rule.category = new.category;
    }
    if names("description") {
        rule.description = new.description;
    }
    if names("region") {
        rule.region = Some(new.region)
            .filter(|region| !region.is_empty())
            .unwrap_or_else(|| EVERYWHERE.to_owned());
    }
    if names("score") {
        rule.score = new.score;
    }
    if names("mode") {
        rule.is_shadow = mode != Mode::Enforced;
    }
    if names("patterns") {
        rule.patterns = new.patterns;
    }
    if names("exceptions") {
        rule.exceptions = new.exceptions;
    }
    if names("ground") {
        rule.is_law = ground == Ground::Law;
    }
    if names("ground_reference") {
        rule.ground_reference = new.ground_reference;
    }
}
