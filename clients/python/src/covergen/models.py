"""What calls take and return: generated from the API's OpenAPI document."""

from covergen.gen.models import *  # noqa: F403
from covergen.gen.models import __all__ as __all__
