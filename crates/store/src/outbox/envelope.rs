/// The envelope that every event travels in: the wire format of
/// `covergen.events.v1.Envelope`, which a test compares with the contract.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Envelope {
    /// Event id; also the message id for deduplication.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Full name of the event message.
    #[prost(string, tag = "2")]
    pub r#type: String,
    /// Typed id of what changed.
    #[prost(string, tag = "3")]
    pub aggregate: String,
    /// 1, 2, 3 … per aggregate, without gaps.
    #[prost(uint64, tag = "4")]
    pub aggregate_version: u64,
    /// Workspace that owns the aggregate.
    #[prost(string, tag = "5")]
    pub workspace_id: String,
    /// When the change was made.
    #[prost(message, optional, tag = "6")]
    pub occurred_at: Option<prost_types::Timestamp>,
    /// W3C trace context of the change.
    #[prost(string, tag = "7")]
    pub traceparent: String,
    /// Id of the event or request that caused this one.
    #[prost(string, tag = "8")]
    pub causation_id: String,
    /// Id shared by everything that one user action set off.
    #[prost(string, tag = "9")]
    pub correlation_id: String,
    /// The event message, encoded.
    #[prost(bytes = "vec", tag = "10")]
    pub data: Vec<u8>,
}
