"""From a title to finished covers: the Covergen partner API.

`Covergen` is the client, `AsyncCovergen` the same for asyncio. Their methods
and the models they take and return are generated from the API's OpenAPI
document; see `covergen.models`. Webhooks are verified by `covergen.webhooks`.
"""

from covergen import models
from covergen._call import FileContent
from covergen._client import AsyncCovergen, Covergen
from covergen._errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    CovergenError,
    MalformedAnswerError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    UnprocessableError,
    Violation,
)
from covergen._retry import RetryPolicy
from covergen._signing import SigningKey
from covergen._version import __version__
from covergen.webhooks import Webhook, WebhookMessage, WebhookVerificationError

__all__ = [
    "ApiError",
    "AsyncCovergen",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "ConnectionFailedError",
    "Covergen",
    "CovergenError",
    "FileContent",
    "MalformedAnswerError",
    "NotFoundError",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "RateLimitedError",
    "RequestTimeoutError",
    "RetryPolicy",
    "ServerError",
    "SigningKey",
    "UnprocessableError",
    "Violation",
    "Webhook",
    "WebhookMessage",
    "WebhookVerificationError",
    "__version__",
    "models",
]
