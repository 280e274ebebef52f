import { createClient } from "@connectrpc/connect";
import { ApiKeyService } from "../gen/covergen/auth/v1/api_keys_pb";
import { MfaService } from "../gen/covergen/auth/v1/mfa_pb";
import { OAuthService } from "../gen/covergen/auth/v1/oauth_pb";
import { PasskeyService } from "../gen/covergen/auth/v1/passkeys_pb";
import { transport } from "./transport";

// What the account's pages and the sign-in need.
export const apiKeys = createClient(ApiKeyService, transport);
export const mfa = createClient(MfaService, transport);
export const oauth = createClient(OAuthService, transport);
export const passkeys = createClient(PasskeyService, transport);
