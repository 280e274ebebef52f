//! The roster: one line per service.

use covergen_chassis::Service;

/// Every service of the platform.
pub(crate) fn services() -> Vec<Service> {
    vec![
        covergen_auth::service(),
        covergen_user::service(),
        covergen_template::service(),
        covergen_safety::service(),
        covergen_task::service(),
        covergen_media::service(),
        covergen_cover::service(),
        covergen_export::service(),
        covergen_notification::service(),
    ]
}
