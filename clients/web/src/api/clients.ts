import { createClient } from "@connectrpc/connect";
import { AuthService } from "../gen/covergen/auth/v1/auth_pb";
import { CoverService } from "../gen/covergen/cover/v1/cover_pb";
import { ExportService } from "../gen/covergen/export/v1/export_pb";
import { MediaService } from "../gen/covergen/media/v1/media_pb";
import { TemplateService } from "../gen/covergen/template/v1/template_pb";
import { UserService } from "../gen/covergen/user/v1/user_pb";
import { transport } from "./transport";

// One typed client per service, all over gRPC-web. Those that few pages need
// stand in clients_account.ts and clients_admin.ts, and are fetched with them.
export const auth = createClient(AuthService, transport);
export const covers = createClient(CoverService, transport);
export const exports = createClient(ExportService, transport);
export const media = createClient(MediaService, transport);
export const templates = createClient(TemplateService, transport);
export const users = createClient(UserService, transport);
