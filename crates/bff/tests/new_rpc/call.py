"""Call the new RPC with the client that was generated for it.

Usage: python call.py BASE_URL
"""

import json
import sys

from covergen import AuthenticationError, Covergen

with Covergen("cg_test_one", base_url=sys.argv[1]) as covergen:
    note = covergen.notes.rename_note(note_id="a/b ü", title="Größer", tags=["x", "y"])
    told = {"noteId": note.note_id, "title": note.title, "tags": list(note.tags)}

with Covergen("cg_test_two", base_url=sys.argv[1]) as stranger:
    try:
        stranger.notes.rename_note(note_id="n", title="t")
    except AuthenticationError as error:
        told["stranger"] = error.reason

print(json.dumps(told))
