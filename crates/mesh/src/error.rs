//! What can go wrong while the mesh is set up or a server runs.

/// Setting up or running the mesh failed. Calls fail with a
/// [`tonic::Status`] instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// A setting is out of its bounds.
    #[error("mesh setting `{setting}` {problem}")]
    Setting {
        /// Where it stands, such as `targets.cover.pending`.
        setting: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The policy document cannot be used.
    #[error("the mesh policy is wrong: {0}")]
    Policy(#[from] crate::PolicyError),
    /// The listening socket cannot be used.
    #[error("cannot use the listening socket: {0}")]
    Listener(#[source] std::io::Error),
}

impl MeshError {
    pub(crate) fn setting(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Setting {
            setting: setting.into(),
            problem: problem.into(),
        }
    }
}
