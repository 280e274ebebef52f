// Calls an RPC with the client that was generated for it: `crates/bff/tests/new_rpc`.
import { toJson } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { NotesService, NoteSchema } from "#gen/covergen/notes/v1/notes_pb";

export async function call(base: string) {
  const client = createClient(NotesService, createGrpcWebTransport({ baseUrl: base }));
  const headers = { "x-api-key": "cg_test_one" };
  const note = await client.renameNote({ noteId: "n1", title: "Größer", tags: ["x"] }, { headers });
  return toJson(NoteSchema, note);
}
