use covergen_identity::Role;
use covergen_proto::auth::v1::CreateUserRequest;

use super::App;
use super::register::NewAccount;
use crate::domain::language::Language;
use crate::error::Error;
use crate::store::entity::account;

impl App {
    /// Opens an account with a role, without signing it in.
    pub(crate) async fn create_user(
        &self,
        request: CreateUserRequest,
        role: Role,
    ) -> Result<account::Model, Error> {
        let new = NewAccount {
            email: request.email.trim().to_owned(),
            password_hash: self.passwords.hash(request.password).await?,
            display_name: request.display_name.trim().to_owned(),
            role,
            source: "admin",
            // Whoever runs the platform vouches for the address.
            email_verified: true,
            language: Language::default(),
        };
        let tx = self.store.begin().await?;
        let account = self.open_account(&tx, new).await?;
        tx.commit().await?;
        Ok(account)
    }
}
