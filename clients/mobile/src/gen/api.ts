// Generated from bff/mobile/openapi.json by gen/types.mjs; not to be edited.

/** Account is one person's way in. */
export interface Account {
  /** User id. */
  userId: string;
  /** E-mail address. */
  email: string;
  /** The address was proved. */
  emailVerified: boolean;
  /** Name given when the account was opened. */
  displayName: string;
  /** Whether it lets its owner in. */
  status: CovergenAuthV1AccountStatus;
  /** Roles in the personal workspace. */
  roles: string[];
  /** When it was opened. */
  createTime?: string;
  /** When somebody signed in last. */
  lastSignInTime?: string;
  /** It has a password. */
  hasPassword: boolean;
  /** It asks for a code of an authenticator app. */
  totpEnabled: boolean;
  /** Recovery codes not used yet. */
  recoveryCodesLeft: number;
  /** Passkeys it has. */
  passkeyCount: number;
  /** Ids of the providers it is linked with. */
  providers: string[];
}

/** Appeal asks for a violation to be looked at again. */
export interface Appeal {
  /** Appeal id. */
  id: string;
  /** Violation. */
  violationId: string;
  /** Who appealed. */
  userId: string;
  /** Why it is wrong, in their words. */
  reason: string;
  /** State. */
  state: AppealState;
  /** By when it is to be decided. */
  dueTime?: string;
  /** Whether that is past and it is still open. */
  overdue: boolean;
  /** Reasons of the decision. */
  decisionReason: string;
  /** Who decided. Only moderators see it. */
  decidedBy: string;
  /** When it was decided or taken back. */
  resolveTime?: string;
  /** When it was made. */
  createTime?: string;
  /** Rule, or blocked picture. */
  ruleId: string;
  /** Category slug. */
  category: string;
}

export type AppealState = "STATE_UNSPECIFIED" | "OPEN" | "UPHELD" | "OVERTURNED" | "WITHDRAWN";

/** Asset is a stored image. */
export interface Asset {
  /** Asset id. */
  id: string;
  /** Media type. */
  contentType: string;
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** Length in bytes. */
  bytes: number;
  /** SHA-256 of the content, hex. */
  sha256: string;
  /** Address of the stored file: signed, rooted at the BFF. */
  url: string;
  /** Smaller pictures of it, smallest first, with addresses of their own. */
  variants: AssetVariant[];
  /** Dominant colour as #rrggbb, to show while it loads. */
  dominantColor: string;
  /** When it was stored. */
  createTime?: string;
  /** Where it comes from. */
  kind: AssetKind;
  /** Name of the file as it was uploaded, or a name to download it under. */
  fileName: string;
  /** ThumbHash, base64: a blurred picture in some 25 bytes, to show while it loads. Empty for assets stored before there was one. */
  placeholder: string;
  /** Some pixels are not opaque. */
  hasAlpha: boolean;
  /** What the uploaded file was; absent for what services store. */
  source?: AssetSource;
  /** What the camera wrote; absent unless it was there and asked to be kept. */
  metadata?: AssetMetadata;
}

/** Kind says where an asset comes from. */
export type AssetKind = "KIND_UNSPECIFIED" | "UPLOAD" | "GENERATED";

/** AssetMetadata is what a camera wrote about a picture. */
export interface AssetMetadata {
  /** Maker of the camera. */
  cameraMake: string;
  /** Model of the camera. */
  cameraModel: string;
  /** Model of the lens. */
  lensModel: string;
  /** When it was taken, by the camera's clock: `2026-05-01T12:30:00`, with an offset such as `+02:00` where the camera knew it. */
  takenAt: string;
  /** Exposure time in seconds, such as `1/250`. */
  exposureTime: string;
  /** Aperture as an f-number. */
  fNumber?: number;
  /** Sensitivity. */
  iso?: number;
  /** Focal length in millimetres. */
  focalLengthMm?: number;
  /** Where it was taken; absent unless that was asked to be kept. */
  location?: Location;
}

/** AssetSource describes an uploaded file before it was written anew. */
export interface AssetSource {
  /** Media type by its first bytes. */
  contentType: string;
  /** Length in bytes. */
  bytes: number;
  /** Width in pixels, before it was turned upright. */
  width: number;
  /** Height in pixels, before it was turned upright. */
  height: number;
  /** EXIF orientation, 1 to 8; 1 where none was given. */
  orientation: number;
  /** Colours as they were stored: `rgb`, `gray`, `cmyk` or `palette`. */
  colorModel: string;
  /** Bits a channel: 1, 2, 4, 8 or 16. */
  bitDepth: number;
  /** Colours were converted by the profile in the file. */
  profileConverted: boolean;
  /** Frames of an animation, of which the first is stored; 1 for a still. */
  frames: number;
}

/** AssetVariant is the asset in another width, made when first asked for. */
export interface AssetVariant {
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** `webp`. */
  format: string;
  /** Address: signed, rooted at the BFF. */
  url: string;
}

/** AuthTokens are what a signed-in client holds. */
export interface AuthTokens {
  /** Who signed in. */
  user?: AuthUser;
  /** Bearer token for calls. */
  accessToken: string;
  /** Token for the next refresh; works once. */
  refreshToken: string;
  /** Seconds until the access token ends. */
  expiresIn: number;
  /** The session these tokens belong to. */
  sessionId: string;
  /** The credential was right and a second factor is asked for: there are no tokens yet. */
  mfaRequired: boolean;
  /** Goes to `/auth/mfa/verify` with the code; a few tries, a few minutes. */
  mfaToken: string;
  /** Second factors that will do: `totp`, `recovery_code`. */
  mfaMethods: string[];
  /** Seconds until `mfaToken` ends. */
  mfaExpiresIn: number;
}

/** AuthUser is the account as sign-in sees it. */
export interface AuthUser {
  /** User id. */
  id: string;
  /** E-mail address. */
  email: string;
}

/** BatchItem describes one file of an archive. */
export interface BatchItem {
  /** Cover. */
  coverId: string;
  /** Preset name; or give width and height. */
  preset?: string;
  /** Width in pixels, 64 to 4096. */
  width?: number;
  /** Height in pixels, 64 to 4096. */
  height?: number;
  /** `png`, `jpeg` or `webp`; empty means `png`. */
  format?: "" | "png" | "jpeg" | "webp";
  /** 1 to 100, for JPEG and WebP; 0 means 85. */
  quality?: number;
  /** Largest file in bytes; 0 means no bound. */
  maxBytes?: number;
  /** What the file may lose. */
  compression?: CompressionMode;
  /** The file keeps to what the preset's platform takes. */
  fitPreset?: boolean;
  /** Name in the archive without its extension; empty means one made of the title and the size. Equal names are told apart by a number. */
  name?: string;
}

/** BrandKit is what makes covers look like one brand's. */
export interface BrandKit {
  /** Brand kit id. */
  id: string;
  /** Name shown to people. */
  name: string;
  /** Colours as #RRGGBB, 2 to 6, background first. */
  colors: string[];
  /** Heading typeface; empty means the template's own. */
  headingFont: string;
  /** Logo; empty means none. */
  logoAssetId: string;
  /** Changes with every change. */
  etag: string;
  /** When it was made. */
  createTime?: string;
  /** When it was changed last. */
  updateTime?: string;
}

/** Bulk is a set of rows and how far they are. */
export interface Bulk {
  /** Bulk id. */
  bulkId: string;
  /** Status. */
  status: BulkStatus;
  /** 0 to 100: rows that have ended. */
  progressPercent: number;
  /** Name shown to people. */
  name: string;
  /** Rows in all. */
  totalRows: number;
  /** Rows that wait. */
  pendingRows: number;
  /** Rows at work. */
  runningRows: number;
  /** Rows with a cover. */
  succeededRows: number;
  /** Rows without one. */
  failedRows: number;
  /** Rows that were stopped. */
  cancelledRows: number;
  /** Rises with every change. */
  version: string;
  /** When it was asked for. */
  createTime?: string;
  /** When it ended. */
  endTime?: string;
}

export type BulkStatus = "STATUS_UNSPECIFIED" | "RUNNING" | "SUCCEEDED" | "PARTIAL" | "FAILED" | "CANCELLED";

/** Category groups templates. */
export interface Category {
  /** Slug. */
  id: string;
  /** Name shown to people. */
  name: string;
  /** Templates in it. */
  templateCount: number;
}

/** ChangePasswordRequest trades one password for another. */
export interface ChangePasswordRequest {
  /** Password of today; empty where the account has none, which then asks for a sign-in that is not long ago. */
  currentPassword?: string;
  /** New password, 10 to 256 characters. */
  newPassword: string;
  /** Idempotency key. */
  requestId?: string;
}

/** ChangePasswordResponse is empty. */
export interface ChangePasswordResponse {
}

/** Choice is one value of a CHOICE. */
export interface Choice {
  /** Value. */
  id: string;
  /** Name shown to people. */
  name: string;
}

export type CompressionMode = "MODE_UNSPECIFIED" | "LOSSLESS" | "SMALL";

/** ConfirmTotpRequest bears the first code. */
export interface ConfirmTotpRequest {
  /** Six digits. */
  code: string;
  /** Idempotency key. */
  requestId?: string;
}

/** Cover is one finished design in all its sizes and formats. */
export interface Cover {
  /** Cover id. */
  id: string;
  /** Which of the request's variants it is, from 1. */
  variant: number;
  /** Pictures, in the order of the request's sizes and formats. */
  images: Image[];
  /** Title it bears. */
  title: string;
  /** Second line. */
  subtitle: string;
  /** Template. */
  templateId: string;
  /** Version of the template. */
  templateVersion: number;
  /** Palette. */
  paletteId: string;
  /** Seed. */
  seed: string;
  /** Task that made it. */
  taskId: string;
  /** Whether it bears the mark of the free tier. */
  watermarked: boolean;
  /** When it was finished. */
  createTime?: string;
  /** Whether its owner marked it as a favourite. */
  favorite: boolean;
  /** Colours it was asked for with, in place of the palette. */
  colors: string[];
  /** Typeface it was asked for with. */
  font: string;
  /** Line above the title. */
  kicker: string;
  /** Photo it was made with. */
  photo?: Photo;
  /** Brand kit it was made with. */
  brandKitId: string;
  /** What painted it: `local` or a provider's name. */
  provider: string;
  /** Units it cost. */
  costUnits: number;
  /** Cover that it was made again from, if it was. */
  sourceCoverId: string;
  /** Bulk that it belongs to, if it does. */
  bulkId: string;
  /** Asset of its first picture: what a list shows. */
  mainAssetId: string;
}

/** CoverTask is a generation request and what became of it. */
export interface CoverTask {
  /** Task id. */
  taskId: string;
  /** Status. */
  status: CoverTaskStatus;
  /** 0 to 100, never falling. */
  progressPercent: number;
  /** Covers, once it has succeeded. */
  covers: Cover[];
  /** Why it failed or was cancelled. */
  error?: TaskError;
  /** What is being done, as a slug. */
  stage: string;
  /** Rises with every change. */
  version: string;
  /** When it was asked for. */
  createTime?: string;
  /** Units it costs, and has cost once it has succeeded. */
  costUnits: number;
  /** How often work on it began anew. */
  retryCount: number;
  /** What painted it: `local` or a provider's name; empty until it has. */
  provider: string;
  /** Seed of its first variant. */
  seed: string;
  /** Cover that it makes again, if it does. */
  sourceCoverId: string;
  /** Bulk that it belongs to, if it does. */
  bulkId: string;
  /** When it ended. */
  endTime?: string;
  /** Title that was asked for. */
  title: string;
  /** Template that was chosen. */
  templateId: string;
  /** Sizes in their order: width and height in pixels, and the preset, if any. */
  sizes: Size[];
}

export type CoverTaskStatus = "STATUS_UNSPECIFIED" | "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** CreateAppealRequest names a violation. */
export interface CreateAppealRequest {
  /** Violation id. */
  violationId: string;
  /** Why it is wrong. */
  reason: string;
  /** Idempotency key. */
  requestId?: string;
}

/** CreatePushSubscriptionRequest is what a PushManager answers. */
export interface CreatePushSubscriptionRequest {
  /** Address at the push service, `https://…`. */
  endpoint: string;
  /** Keys of the device. */
  keys: PushKeys;
  /** Language to be told in, such as `zh-CN`; empty means that of the request. */
  language?: string;
  /** Name to tell the device by. */
  deviceName?: string;
  /** When the push service ends the subscription, in Unix milliseconds, as PushManager tells it; absent for never. */
  expirationTime?: string;
  /** An Accept-Language. */
  acceptLanguage?: string;
  /** Idempotency key. */
  requestId?: string;
}

/** DataExport is a copy that can be downloaded for a day. It is gathered when it is downloaded, so nothing of it is stored. */
export interface DataExport {
  /** Id. */
  id: string;
  /** Address, under this API. */
  url: string;
  /** When it was asked for. */
  createTime?: string;
  /** Until when it can be downloaded. */
  expireTime?: string;
}

/** DeleteCoverResponse names what is gone. */
export interface DeleteCoverResponse {
  /** Cover id. */
  coverId: string;
}

/** DeletePasskeyResponse is empty. */
export interface DeletePasskeyResponse {
}

/** DesignOptions is what designs can be made of. */
export interface DesignOptions {
  /** Heading typefaces. */
  fonts: Choice[];
  /** Painted backgrounds. */
  backgrounds: Choice[];
  /** Values of `letterCase`. */
  letterCases: Choice[];
  /** Values of `align`. */
  aligns: Choice[];
  /** Values of `photo.treatment`. */
  photoTreatments: Choice[];
}

/** EndOtherSessionsRequest spares the session in use. */
export interface EndOtherSessionsRequest {
  /** Idempotency key. */
  requestId?: string;
}

/** EndOtherSessionsResponse tells how many ended. */
export interface EndOtherSessionsResponse {
  /** Sessions that ended. */
  ended: number;
}

/** EnrollTotpRequest begins with an authenticator app. */
export interface EnrollTotpRequest {
}

/** Export is one file, or one archive of many. */
export interface Export {
  /** Export id. */
  exportId: string;
  /** Status. */
  status: ExportStatus;
  /** Cover; empty for an archive. */
  coverId: string;
  /** Width in pixels; 0 for an archive. */
  width: number;
  /** Height in pixels; 0 for an archive. */
  height: number;
  /** Format: `png`, `jpeg`, `webp`, or `zip` for an archive. */
  format: string;
  /** Length of the file, once it is finished; for an archive of 2 GiB and more `total_bytes` alone is right. */
  bytes: number;
  /** Where to download it, once it is finished. */
  downloadUrl: string;
  /** Why it failed. */
  error?: ExportError;
  /** When it was asked for. */
  createTime?: string;
  /** One file or an archive. */
  kind: ExportKind;
  /** Name it is downloaded under. */
  fileName: string;
  /** How far it is, 0 to 100. */
  progressPercent: number;
  /** Length of the download, once it is finished. */
  totalBytes: string;
  /** Files of an archive, in order; empty for a single file. */
  files: ExportFile[];
  /** Quality that was used, where the format has one. */
  quality: number;
}

export type ExportKind = "KIND_UNSPECIFIED" | "FILE" | "ARCHIVE";

export type ExportStatus = "STATUS_UNSPECIFIED" | "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** ExportError is why there is no file. */
export interface ExportError {
  /** Stable reason. */
  reason: string;
  /** A sentence for people. */
  message: string;
}

/** ExportFile is one file of an archive. */
export interface ExportFile {
  /** Name in the archive. */
  name: string;
  /** Cover. */
  coverId: string;
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** Format. */
  format: string;
  /** PENDING, SUCCEEDED or FAILED. A file that failed is not in the archive. */
  status: ExportStatus;
  /** Length, once it is finished. */
  bytes: number;
  /** Why it failed. */
  error?: ExportError;
}

/** FinishPasskeyLoginRequest bears the passkey's answer. */
export interface FinishPasskeyLoginRequest {
  /** AuthenticationResponseJSON. */
  credential: Record<string, unknown>;
}

/** FinishPasskeyRegistrationRequest bears what the browser made. */
export interface FinishPasskeyRegistrationRequest {
  /** RegistrationResponseJSON. */
  credential: Record<string, unknown>;
  /** Name for lists; empty means one from its making. */
  name?: string;
  /** Idempotency key. */
  requestId?: string;
}

/** ForgotPasswordRequest names an account by its address. */
export interface ForgotPasswordRequest {
  /** E-mail address. */
  email?: string;
  /** Language of the mail, such as `zh-CN` or a whole Accept-Language. */
  language?: string;
  /** Idempotency key. */
  requestId?: string;
}

/** ForgotPasswordResponse is empty, whether there is an account or not. */
export interface ForgotPasswordResponse {
}

/** GenerateRequest describes the covers wanted. */
export interface GenerateRequest {
  /** Title: 1 to 120 characters as people count them. */
  title: string;
  /** Second line; may be empty. */
  subtitle?: string;
  /** Template; empty means one is chosen. */
  templateId?: string;
  /** Designs to make, 1 to 8; 0 means 1. Each costs one unit. */
  variants?: number;
  /** Seed; the same seed gives the same picture. Absent means one is drawn. */
  seed?: string;
  /** Sizes, 1 to 16. */
  sizes: Size[];
  /** Formats: `png`, `jpeg`, `webp`; none means `png`. */
  formats?: Array<"png" | "jpeg" | "webp">;
  /** Palette of the template; empty means its default. */
  paletteId?: string;
  /** Idempotency key. */
  requestId?: string;
  /** Colours as #RRGGBB, 2 to 6, background first. They replace the palette. */
  colors?: string[];
  /** Typeface of the title, by id; empty means the template's own. */
  font?: string;
  /** A short line above the title, at most 40 characters. */
  kicker?: string;
  /** A photo of the caller's as the background. */
  photo?: Photo;
  /** Brand kit whose colours, typeface and logo are used where the request names none itself. */
  brandKitId?: string;
}

/** GenerateResponse names the task. */
export interface GenerateResponse {
  /** Task id. */
  taskId: string;
  /** Status, PENDING unless the request was made before. */
  status: CoverTaskStatus;
}

/** GenerationEvent is one thing that happened to a generation. They are only ever added to, and tell by themselves where the generation stands. */
export interface GenerationEvent {
  /** Task. */
  taskId: string;
  /** 1, 2, 3 … within the task. */
  sequence: number;
  /** What happened. */
  kind: GenerationEventKind;
  /** When. */
  occurTime?: string;
  /** Cover it happened to, where it was one. */
  coverId: string;
  /** REQUESTED: template that was chosen. */
  templateId: string;
  /** REQUESTED and PAINTED: seed of the first variant. */
  seed: string;
  /** PAINTED: `local` or a provider's name. */
  provider: string;
  /** REQUESTED: units set aside. CHARGED: units charged. */
  units: number;
  /** RETRIED: which attempt began, from 2. */
  attempt: number;
  /** PAINTED: pictures stored. */
  pictures: number;
  /** FAILED and CANCELLED: stable reason. */
  reason: string;
  /** FAILED and CANCELLED: a sentence for people. */
  message: string;
  /** FINISHED, FAILED and CANCELLED: milliseconds since it was asked for. */
  durationMs: number;
}

export type GenerationEventKind = "KIND_UNSPECIFIED" | "REQUESTED" | "REGENERATED" | "RETRIED" | "PAINTED" | "CHARGED" | "FINISHED" | "FAILED" | "CANCELLED" | "FAVORITED" | "UNFAVORITED" | "DELETED";

/** GetHistoryResponse is one page. */
export interface GetHistoryResponse {
  /** Entries. */
  entries: HistoryEntry[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** HistoryEntry is one thing that happened. */
export interface HistoryEntry {
  /** Id. */
  id: string;
  /** What happened. */
  kind: HistoryEntryKind;
  /** The task, export, violation or appeal that it is about. */
  subjectId: string;
  /** Covers, where there are some. */
  coverIds: string[];
  /** Template, where it is known. */
  templateId: string;
  /** How it ended, where there is more to say: a reason or an outcome. */
  outcome: string;
  /** When. */
  createTime?: string;
}

export type HistoryEntryKind = "KIND_UNSPECIFIED" | "COVERS_MADE" | "GENERATION_FAILED" | "EXPORT_READY" | "CONTENT_BLOCKED" | "APPEAL_RESOLVED";

/** HomeScreen is where the app begins. */
export interface HomeScreen {
  /** Who it is. */
  user?: User;
  /** What is left to make. */
  quota?: Quota;
  /** The newest covers. */
  covers: Cover[];
  /** Their pictures, sized for the device. */
  pictures: SizedImage[];
  /** Templates that are used most. */
  popularTemplates: Template[];
  /** What is missing. */
  warnings: Warning[];
  /** Generations that wait or are being worked on, the newest ten, newest first. */
  runningTasks: CoverTask[];
}

/** Image is one picture of a cover. */
export interface Image {
  /** Address, signed: it works without a bearer. */
  url: string;
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** `png`, `jpeg` or `webp`. */
  format: string;
  /** Length of the file. */
  bytes: number;
  /** Asset id. */
  assetId: string;
  /** Preset it was made for; empty for a custom size. */
  preset: string;
}

/** Jwk is one public key (RFC 8037: OKP, Ed25519). */
export interface Jwk {
  /** Key type. */
  kty: string;
  /** Curve. */
  crv: string;
  /** Public key, base64url. */
  x: string;
  /** Key id. */
  kid: string;
  /** Algorithm. */
  alg: string;
  /** Use. */
  use: string;
}

/** Jwks is a JSON Web Key Set. */
export interface Jwks {
  /** Keys, the signing one first. */
  keys: Jwk[];
}

/** LibraryScreen is a page of the library. */
export interface LibraryScreen {
  /** The page. */
  covers?: ListCoversResponse;
  /** Its covers' pictures, sized for the device. */
  pictures: SizedImage[];
  /** The newest bulks. */
  bulks: Bulk[];
  /** What is left to make. */
  quota?: Quota;
  /** What is missing. */
  warnings: Warning[];
}

/** An address, and the method to call it by. */
export interface Link {
  href: string;
  method: string;
}

/** ListAppealsResponse is one page. */
export interface ListAppealsResponse {
  /** Appeals. */
  appeals: Appeal[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListAssetsResponse is one page. */
export interface ListAssetsResponse {
  /** Assets, newest first. */
  assets: Asset[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
  /** Room that the workspace's uploads take and may take. */
  storage?: StorageUsage;
}

/** ListBrandKitsResponse is one page. */
export interface ListBrandKitsResponse {
  /** Brand kits, newest first. */
  brandKits: BrandKit[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListBulksResponse is one page. */
export interface ListBulksResponse {
  /** Bulks, newest first. */
  bulks: Bulk[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListCategoriesResponse lists every category that holds a template. */
export interface ListCategoriesResponse {
  /** Categories. */
  categories: Category[];
}

/** ListChangesResponse is what changed, in order. */
export interface ListChangesResponse {
  /** Covers that are new or changed, as they are now. */
  upserted: Cover[];
  /** Ids of covers that are gone. To forget one that is not known is right. */
  deletedIds: string[];
  /** Where to go on; to be kept even where nothing changed. */
  nextCursor: string;
  /** There is more already: ask again at once. */
  hasMore: boolean;
}

/** ListCoversResponse is one page. */
export interface ListCoversResponse {
  /** Covers, in the order asked for. */
  covers: Cover[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListHistoryResponse is one page. */
export interface ListHistoryResponse {
  /** What happened, newest first. */
  events: GenerationEvent[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListLinksResponse lists them all: there is at most one per provider. */
export interface ListLinksResponse {
  /** Links, oldest first. */
  links: ProviderLink[];
}

/** ListNotificationsResponse is one page. */
export interface ListNotificationsResponse {
  /** Notifications, newest first. */
  notifications: Notification[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
  /** How many are not read, of all. */
  unreadCount: number;
}

/** ListPasskeysResponse is one page. */
export interface ListPasskeysResponse {
  /** Passkeys, newest first. */
  passkeys: Passkey[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListPresetsResponse lists every preset. */
export interface ListPresetsResponse {
  /** Presets. */
  presets: Preset[];
}

/** ListProvidersResponse lists them in the order of configuration. */
export interface ListProvidersResponse {
  /** Providers. */
  providers: Provider[];
}

/** ListPushSubscriptionsResponse lists all of them; there are few. */
export interface ListPushSubscriptionsResponse {
  /** Devices, newest first. */
  pushSubscriptions: PushSubscription[];
}

/** ListSessionsResponse is one page. */
export interface ListSessionsResponse {
  /** Sessions, newest first. */
  sessions: Session[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** Where a generation stands, as far as a list is told apart by it. */
export type ListTasksRequestState = "STATE_UNSPECIFIED" | "OPEN" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** ListTasksResponse is one page. */
export interface ListTasksResponse {
  /** Generations, newest first, without their covers. */
  tasks: CoverTask[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListTemplatesResponse is one page. */
export interface ListTemplatesResponse {
  /** Templates. */
  templates: Template[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListViolationsResponse is one page. */
export interface ListViolationsResponse {
  /** Violations. */
  violations: Violation[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** ListWorkspacesResponse is one page. */
export interface ListWorkspacesResponse {
  /** Workspaces. */
  workspaces: Workspace[];
  /** Token of the next page; empty at the end. */
  nextPageToken: string;
}

/** Location is a place on Earth (WGS 84). */
export interface Location {
  /** Degrees north. */
  latitude: number;
  /** Degrees east. */
  longitude: number;
  /** Metres above the sea. */
  altitudeM?: number;
}

/** LoginRequest signs in. */
export interface LoginRequest {
  /** E-mail address. */
  email: string;
  /** Password. */
  password: string;
}

/** LogoutRequest presents the refresh token of the session to end. */
export interface LogoutRequest {
  /** Refresh token. In a browser session the cookie fills it. */
  refreshToken: string;
}

/** LogoutResponse is empty. */
export interface LogoutResponse {
}

/** MakeScreen is what a new cover can be made with. */
export interface MakeScreen {
  /** Templates, the first 50. */
  templates?: ListTemplatesResponse;
  /** Categories of templates. */
  categories: Category[];
  /** Typefaces, backgrounds and other choices. */
  designOptions?: DesignOptions;
  /** Sizes by platform. */
  presets: Preset[];
  /** Brand kits of the workspace. */
  brandKits: BrandKit[];
  /** What the form begins with. */
  preferences?: Preferences;
  /** What is left to make. */
  quota?: Quota;
  /** What is missing. */
  warnings: Warning[];
}

/** Notification tells a person what happened. */
export interface Notification {
  /** Notification id. */
  id: string;
  /** Kind, such as `cover.generated`, by which clients choose an icon. */
  type: string;
  /** A few words. */
  title: string;
  /** A sentence. */
  body: string;
  /** Language of both: `en` or `zh`. */
  language: string;
  /** What it is about: id of a task, bulk, export, appeal, session, account or webhook, or the name of a quota. */
  resourceId: string;
  /** Covers it is about; at most 20. */
  coverIds: string[];
  /** Whether it was read. */
  read: boolean;
  /** When it was read; absent while it is not. */
  readTime?: string;
  /** When it happened. */
  createTime?: string;
}

/** Palette is a named set of colours. */
export interface Palette {
  /** Slug, unique within the template. */
  id: string;
  /** Name shown to people. */
  name: string;
  /** Colours as #RRGGBB, background first. */
  colors: string[];
}

/** Passkey is one credential. */
export interface Passkey {
  /** Passkey id. */
  id: string;
  /** Name its owner gave it. */
  name: string;
  /** When it was made. */
  createTime?: string;
  /** When it was last used; absent before. */
  lastUsedTime?: string;
  /** It is kept by a service that carries it to other devices. */
  synced: boolean;
  /** Ways to reach it, such as `internal`, `usb`, `hybrid`. */
  transports: string[];
}

/** PasskeyOptions is what the browser's API takes. */
export interface PasskeyOptions {
  /** Options in the JSON of WebAuthn level 3. */
  options?: Record<string, unknown>;
}

/** Photo is an uploaded picture and how it is set. */
export interface Photo {
  /** Asset id of a picture in media. */
  assetId?: string;
  /** Where across the picture its subject is, 0 (left) to 1 (right); absent means the middle. */
  focalX?: number;
  /** Where down the picture its subject is, 0 (top) to 1 (bottom); absent means the middle. */
  focalY?: number;
  /** How its colours are treated. */
  treatment?: PhotoTreatment;
}

export type PhotoTreatment = "TREATMENT_UNSPECIFIED" | "NATURAL" | "DUOTONE";

/** PhotoStyle is how a template shows photos. */
export interface PhotoStyle {
  /** `natural` or `duotone`. */
  treatment: string;
}

/** Preferences is how somebody likes to work. Language and time zone are those of the profile. */
export interface Preferences {
  /** Language tag (BCP 47); empty means as the device has it. */
  language?: string;
  /** IANA time zone; empty means as the device has it. */
  timeZone?: string;
  /** Light or dark. */
  theme?: PreferencesTheme;
  /** Template that a new cover begins with; empty means the app's choice. */
  defaultTemplateId?: string;
  /** Sizes that a new cover begins with: presets such as `youtube`, or `1280x720`. */
  defaultSizes?: string[];
  /** Formats that a new cover begins with. */
  defaultFormats?: Array<"png" | "jpeg" | "webp">;
  /** Variants that a new cover begins with; 0 means the app's choice. */
  defaultVariants?: number;
  /** Less movement than the device asks for. */
  reduceMotion?: boolean;
  /** Names these preferences as they are; another value says they changed. */
  etag?: string;
}

export type PreferencesTheme = "THEME_UNSPECIFIED" | "SYSTEM" | "LIGHT" | "DARK";

/** PrepareBatchRequest describes the files of an archive. */
export interface PrepareBatchRequest {
  /** Files, in the order they stand in the archive. */
  items: BatchItem[];
  /** Name of the archive without its extension; empty means `covers`. */
  name?: string;
  /** Idempotency key. */
  requestId?: string;
}

/** PrepareRequest describes the file wanted. */
export interface PrepareRequest {
  /** Cover. */
  coverId: string;
  /** Preset name; or give width and height. */
  preset?: string;
  /** Width in pixels, 64 to 4096. */
  width?: number;
  /** Height in pixels, 64 to 4096. */
  height?: number;
  /** `png`, `jpeg` or `webp`; empty means `png`. */
  format?: "" | "png" | "jpeg" | "webp";
  /** 1 to 100, for JPEG and WebP; 0 means 85. */
  quality?: number;
  /** Idempotency key. */
  requestId?: string;
  /** Largest file in bytes: the best quality that fits is used, which for PNG means fewer colours. 0 means no bound. */
  maxBytes?: number;
  /** What the file may lose. */
  compression?: CompressionMode;
  /** The file keeps to what the preset's platform takes: its formats, and its bound in bytes unless `max_bytes` is lower. */
  fitPreset?: boolean;
}

/** PrepareResponse names the export. */
export interface PrepareResponse {
  /** Export id. */
  exportId: string;
  /** Status. */
  status: ExportStatus;
}

/** Preset is a platform's size. */
export interface Preset {
  /** Slug, such as `youtube`. */
  id: string;
  /** Name shown to people. */
  name: string;
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** Platform it is for, such as `YouTube`. */
  platform: string;
  /** Largest file that the platform takes, in bytes; 0 where it states none. */
  maxBytes: number;
  /** Formats that the platform takes, the best first. */
  formats: string[];
}

/** PreviewRequest is a GenerateRequest whose first size is rendered. */
export interface PreviewRequest {
  /** Title: 1 to 120 characters as people count them. */
  title: string;
  /** Second line; may be empty. */
  subtitle?: string;
  /** Template; empty means one is chosen. */
  templateId?: string;
  /** Which variant to show counts from the seed; ignored here. */
  variants?: number;
  /** Seed; absent means one that stays the same for a person, so that typing does not flicker. */
  seed?: string;
  /** Sizes; the first is rendered, scaled to at most 1280 pixels on its long side. */
  sizes: Size[];
  /** Ignored: the Accept header chooses. */
  formats?: Array<"png" | "jpeg" | "webp">;
  /** Palette of the template; empty means its default. */
  paletteId?: string;
  /** Ignored, so that a GenerateRequest can be sent as it is. */
  requestId?: string;
  /** Media types the caller takes, as in the Accept header. */
  accept?: string;
  /** Colours as #RRGGBB, 2 to 6, background first. They replace the palette. */
  colors?: string[];
  /** Typeface of the title, by id; empty means the template's own. */
  font?: string;
  /** A short line above the title, at most 40 characters. */
  kicker?: string;
  /** A photo of the caller's as the background. */
  photo?: Photo;
  /** Brand kit whose colours, typeface and logo are used where the request names none itself. */
  brandKitId?: string;
}

/** Why a request was refused (RFC 9457). */
export interface Problem {
  /** URI of the kind of problem. */
  type: string;
  /** The kind of problem in words. */
  title: string;
  /** HTTP status. */
  status: number;
  /** What happened this time. */
  detail: string;
  /** Canonical code, such as `INVALID_ARGUMENT`. */
  code: string;
  /** Stable reason to branch on, such as `UNKNOWN_FIELD`. */
  reason: string;
  violations?: Array<{ field: string; description: string; }>;
  /** Id of the request, for support. */
  requestId: string;
  /** When to try again. */
  retryAfterSeconds?: number;
}

/** Provider can be signed in with. */
export interface Provider {
  /** Id, as in the route. */
  id: string;
  /** Name to show. */
  name: string;
}

/** ProviderLink is a provider that an account is linked with. */
export interface ProviderLink {
  /** Provider id. */
  provider: string;
  /** Name of the provider. */
  name: string;
  /** The address the provider gave. */
  email: string;
  /** When it was linked. */
  createTime?: string;
  /** When it was last signed in with; absent before. */
  lastUsedTime?: string;
}

/** PushKey is what push services know the platform by. */
export interface PushKey {
  /** Point on P-256, uncompressed, as base64url without padding. */
  publicKey: string;
}

/** PushKeys are the device's, as `PushSubscription.toJSON()` gives them. */
export interface PushKeys {
  /** The device's point on P-256, uncompressed, as base64url. */
  p256dh: string;
  /** 16 bytes that only the device and we know, as base64url. */
  auth: string;
}

/** PushSubscription is a device that is told. */
export interface PushSubscription {
  /** Push subscription id. */
  id: string;
  /** Host of the push service; the whole address is a secret of the device. */
  pushService: string;
  /** Language of what is sent: `en` or `zh`. */
  language: string;
  /** Name the device was given; may be empty. */
  deviceName: string;
  /** When it was registered. */
  createTime?: string;
  /** When it was last reached; absent before. */
  lastSuccessTime?: string;
}

/** Quota is one period's allowance, in covers. */
export interface Quota {
  /** Units in the period. */
  limit: number;
  /** Units used. */
  used: number;
  /** Units set aside for running tasks. */
  reserved: number;
  /** Units left: limit - used - reserved, never below 0. */
  remaining: number;
  /** When the period ends and a new one begins. */
  resetsAt?: string;
  /** Tier that sets the limit. */
  tier: TierKind;
}

/** ReauthenticateRequest bears one proof. */
export interface ReauthenticateRequest {
  /** The password; or empty, with a code. */
  password?: string;
  /** A code of the authenticator app. */
  code?: string;
}

/** ReauthenticateResponse tells how long the proof holds. */
export interface ReauthenticateResponse {
  /** Seconds until credentials ask for it again. */
  expiresIn: number;
}

/** RecoveryCodes sign in where the authenticator app is lost; each works once. */
export interface RecoveryCodes {
  /** Codes. */
  codes: string[];
}

/** Redress is one way to have a decision looked at again. */
export interface Redress {
  /** Kind. */
  kind: RedressKind;
  /** How. */
  description: string;
  /** Until when; absent where the service sets no limit. */
  until?: string;
}

export type RedressKind = "KIND_UNSPECIFIED" | "INTERNAL_COMPLAINT" | "OUT_OF_COURT_DISPUTE" | "JUDICIAL";

/** RefreshRequest presents a refresh token. */
export interface RefreshRequest {
  /** Refresh token. In a browser session the cookie fills it. */
  refreshToken: string;
}

/** RegisterRequest opens an account. */
export interface RegisterRequest {
  /** E-mail address; compared without regard to case. */
  email?: string;
  /** Password, 10 to 256 characters. */
  password: string;
  /** Name shown to others. */
  displayName: string;
  /** Idempotency key. */
  requestId?: string;
  /** Language of the mail that proves the address, such as `zh-CN` or a whole Accept-Language. */
  language?: string;
}

/** RemoveTotpResponse is empty. */
export interface RemoveTotpResponse {
}

/** RenewRecoveryCodesRequest asks for new ones. */
export interface RenewRecoveryCodesRequest {
  /** Idempotency key. */
  requestId?: string;
}

/** ResetPasswordRequest sets a new password. */
export interface ResetPasswordRequest {
  /** Token of the mailed link. */
  token: string;
  /** New password, 10 to 256 characters. */
  password: string;
  /** Idempotency key. */
  requestId?: string;
}

/** ResetPasswordResponse is empty: the next step is to sign in. */
export interface ResetPasswordResponse {
}

export type RuleGround = "GROUND_UNSPECIFIED" | "TERMS" | "LAW";

/** SendVerificationRequest asks for another mail. */
export interface SendVerificationRequest {
  /** Language of the mail, such as `zh-CN` or a whole Accept-Language. */
  language?: string;
  /** Idempotency key. */
  requestId?: string;
}

/** SendVerificationResponse is empty. */
export interface SendVerificationResponse {
}

/** Session is one signed-in device. */
export interface Session {
  /** Session id. */
  id: string;
  /** When it began. */
  createTime?: string;
  /** When it was last refreshed. */
  lastSeenTime?: string;
  /** When it ends if it stays idle. */
  expireTime?: string;
  /** Address it was last seen from. */
  ipAddress: string;
  /** User agent it was last seen with. */
  userAgent: string;
  /** Whether the caller is using it. */
  current: boolean;
  /** How it was signed in to: `password`, `passkey`, `oauth`. */
  method: string;
}

/** Size is a preset, or a width and a height. */
export interface Size {
  /** Preset name, such as `youtube`. */
  preset?: string;
  /** Width in pixels, 64 to 4096. */
  width?: number;
  /** Height in pixels, 64 to 4096. */
  height?: number;
}

/** SizeImagesRequest names pictures and the room there is for each. */
export interface SizeImagesRequest {
  /** Asset ids. */
  assetIds?: string[];
  /** Width of the screen in CSS pixels; 0 means 390. */
  widthPx?: number;
  /** Device pixels to a CSS pixel; 0 means 2. */
  pixelRatio?: number;
  /** Pictures side by side on the screen; 0 means 1. */
  columns?: number;
}

/** SizeImagesResponse holds the pictures. */
export interface SizeImagesResponse {
  /** Pictures, in the order asked for. */
  images: SizedImage[];
}

/** SizedImage is a picture as a screen shows it. */
export interface SizedImage {
  /** Asset id. */
  assetId: string;
  /** Address: signed, rooted at the BFF. */
  url: string;
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** Dominant colour as #rrggbb, to show while it loads. */
  dominantColor: string;
  /** ThumbHash, base64, to show while it loads; empty where there is none. */
  placeholder: string;
}

/** Slot is one thing that a cover made with a template can be given. */
export interface Slot {
  /** Name of the field of a request for covers, such as `title`. */
  id: string;
  /** Kind. */
  kind: SlotKind;
  /** Name shown to people. */
  label: string;
  /** Whether a cover needs it. */
  required: boolean;
  /** Most characters of a TEXT, as people count them. */
  maxLength: number;
  /** Fewest colours of a COLOR. */
  minItems: number;
  /** Most colours of a COLOR. */
  maxItems: number;
  /** Whether an IMAGE takes a focal point. */
  focalPoint: boolean;
  /** What a CHOICE is among. */
  choices: Choice[];
  /** What is taken where nothing is given. */
  defaultValue: string;
}

export type SlotKind = "KIND_UNSPECIFIED" | "TEXT" | "IMAGE" | "COLOR" | "CHOICE";

/** StartPasskeyLoginRequest begins a sign-in. */
export interface StartPasskeyLoginRequest {
}

/** StartPasskeyRegistrationRequest begins a new passkey. */
export interface StartPasskeyRegistrationRequest {
}

/** StatementOfReasons holds what Article 17(3) of Regulation (EU) 2022/2065 asks for, point by point. */
export interface StatementOfReasons {
  /** Violation. */
  violationId: string;
  /** (a) What was done. */
  restriction: StatementOfReasonsRestriction;
  /** (a) Where it holds: regions; `*` means everywhere. */
  territorialScope: string[];
  /** (a) Since when. */
  startTime?: string;
  /** (a) Until when; absent while there is no end to it. */
  endTime?: string;
  /** (b) Facts and circumstances. */
  facts: string;
  /** (b) Whether somebody gave notice. */
  source: StatementOfReasonsSource;
  /** (c) Whether it was found by automated means. */
  automatedDetection: boolean;
  /** (c) Whether it was decided by automated means. */
  automatedDecision: boolean;
  /** (d), (e) Law or terms. */
  ground: RuleGround;
  /** (d), (e) Clause. */
  groundReference: string;
  /** (d), (e) Why the work offends against it. */
  groundExplanation: string;
  /** (f) What can be done about it. */
  redress: Redress[];
  /** Category slug. */
  category: string;
  /** When the statement's decision was made. */
  createTime?: string;
}

export type StatementOfReasonsRestriction = "RESTRICTION_UNSPECIFIED" | "GENERATION_REFUSED";

export type StatementOfReasonsSource = "SOURCE_UNSPECIFIED" | "OWN_INITIATIVE";

/** StorageUsage is the room a workspace's uploads take. */
export interface StorageUsage {
  /** Bytes taken. */
  usedBytes: string;
  /** Bytes that may be taken. */
  limitBytes: string;
  /** Uploads there are. */
  usedAssets: number;
  /** Uploads there may be. */
  limitAssets: number;
}

/** Subscription is a tier as the product sees it. */
export interface Subscription {
  /** Tier. */
  tier: TierKind;
  /** Where it comes from. */
  source: SubscriptionSource;
  /** What it allows how often. */
  limits?: SubscriptionLimits;
  /** What it opens: `premium_templates`, `no_watermark`, `brand_kits`, `custom_templates`, `bulk`, `api`. */
  features: string[];
  /** Since when the user has it. */
  startTime?: string;
  /** The next tier up; unspecified at the top. */
  upgradeTo: TierKind;
}

export type SubscriptionSource = "SOURCE_UNSPECIFIED" | "DEFAULT" | "OPERATOR" | "PAID";

/** SubscriptionLimits are the figures of a tier. */
export interface SubscriptionLimits {
  /** Covers a calendar month. */
  coversPerMonth: number;
}

/** SuggestPalettesRequest names what palettes are wanted from. */
export interface SuggestPalettesRequest {
  /** A photo of the caller's, by asset id. */
  assetId?: string;
  /** A mood, such as `calm`. */
  mood?: string;
  /** A template, by id. */
  templateId?: string;
  /** Seed: another one gives other colours of the same mood. */
  seed?: string;
  /** Palettes wanted, at most 12; 0 means 5. A photo may hold fewer. */
  count?: number;
}

/** SuggestPalettesResponse lists palettes, best first. */
export interface SuggestPalettesResponse {
  /** Palettes. */
  palettes: SuggestedPalette[];
  /** Moods there are, for the next request. */
  moods: string[];
}

/** SuggestTitlesRequest says what titles are wanted for. */
export interface SuggestTitlesRequest {
  /** What it is about, in a few words; this, keywords or a draft must be there. */
  topic?: string;
  /** Words that matter. */
  keywords?: string[];
  /** A title to be made better. */
  draftTitle?: string;
  /** Language: `en` or `zh`; empty means that of the texts. */
  language?: "" | "en" | "zh";
  /** Longest title in characters as people count them, 8 to 120; 0 means what reads well on a cover: 48 in English, 20 in Chinese. */
  maxCharacters?: number;
  /** Titles wanted, at most 20; 0 means 8. */
  count?: number;
  /** Seed: another one gives other titles. */
  seed?: string;
}

/** SuggestTitlesResponse lists titles, best first. */
export interface SuggestTitlesResponse {
  /** Titles, no two alike. */
  titles: SuggestedTitle[];
  /** Language they are in. */
  language: string;
}

/** SuggestedPalette is a set of colours that a cover can be made with. */
export interface SuggestedPalette {
  /** What it is called. */
  name: string;
  /** Colours as #RRGGBB, background first: what GenerateRequest takes. */
  colors: string[];
  /** Palette id, where it is one of the template's. */
  paletteId: string;
}

/** SuggestedTitle is a title and what it is good for. */
export interface SuggestedTitle {
  /** The title. */
  title: string;
  /** A second line that goes with it; may be empty. */
  subtitle: string;
  /** What kind it is, as a slug: `how_to`, `list`, `question` and so on. */
  style: string;
  /** Its length in characters as people count them. */
  characters: number;
}

/** TaskError is why there are no covers. */
export interface TaskError {
  /** Stable reason, such as `CONTENT_BLOCKED`. */
  reason: string;
  /** A sentence for people. */
  message: string;
}

/** Template is a design that adapts to every size by layout. */
export interface Template {
  /** Slug of a built-in template; `tpl_…` of a custom one. */
  id: string;
  /** Name shown to people. */
  name: string;
  /** Category slug. */
  category: string;
  /** One sentence on when to use it. */
  description: string;
  /** Version of the design; covers keep the version they were made with. */
  version: number;
  /** Address of a small sample. */
  thumbnailUrl: string;
  /** Whether a paid tier is needed. */
  isPremium: boolean;
  /** Palettes it was designed for, the default first. Empty where the design brings colours of its own. */
  palettes: Palette[];
  /** Whether the workspace made it. */
  isCustom: boolean;
  /** What the background is asked of an AI provider with; `{title}` and `{colors}` are filled in. */
  promptTemplate: string;
  /** The settings of its style by name, such as `background`. */
  styleParams: Record<string, string>;
  /** How much it is used: each use counts one, and half of it every 14 days. As of the end of the day (UTC). */
  popularityScore: number;
  /** Times it was used. */
  useCount: number;
  /** What a cover made with it can be given, so that a form can be built. */
  slots: Slot[];
  /** Changes with every version; custom templates only. */
  etag: string;
  /** The design of a custom template. */
  design?: TemplateDesign;
  /** When this version was made. */
  createTime?: string;
}

/** TemplateDesign is what a custom template changes of the built-in template that it is based on. What is empty stays as the base has it. */
export interface TemplateDesign {
  /** Built-in template that lays it out. */
  base: string;
  /** Version of the base; 0 means the newest, and is kept as that number. */
  baseVersion: number;
  /** What is painted behind, of DesignOptions. */
  background: string;
  /** Colours as #RRGGBB, 2 to 6, background first. */
  colors: string[];
  /** Heading typeface, of DesignOptions. */
  font: string;
  /** `as_typed` or `upper`. */
  letterCase: string;
  /** `start`, `center` or `end`. */
  align: string;
  /** How photos are shown. */
  photo?: PhotoStyle;
  /** A short line above the title, at most 40 characters. */
  kicker: string;
}

export type TierKind = "KIND_UNSPECIFIED" | "FREE" | "PRO" | "PRO_PLUS";

/** TotpEnrollment is what an authenticator app takes in. */
export interface TotpEnrollment {
  /** Secret in base32, for typing. */
  secret: string;
  /** The same as a URI, for a QR code. */
  otpauthUri: string;
  /** Digits of a code. */
  digits: number;
  /** Seconds a code holds. */
  periodSeconds: number;
}

/** UnlinkProviderResponse is empty. */
export interface UnlinkProviderResponse {
}

/** UnreadCount is how much there is to read. */
export interface UnreadCount {
  /** Notifications that are not read. */
  unreadCount: number;
}

/** Upload is a file on its way in, part by part. */
export interface Upload {
  /** Upload id. */
  id: string;
  /** State. */
  state: UploadState;
  /** Bytes that are stored. */
  offset: string;
  /** Length of the whole, in bytes. */
  length: string;
  /** What was told about the file, as it was told. */
  metadata: string;
  /** When it began. */
  createTime?: string;
  /** When it is forgotten, unless more of it comes. */
  expireTime?: string;
  /** The asset that it became. */
  assetId: string;
  /** Why it failed. */
  error?: UploadError;
  /** What came of the files in it; absent unless it is an archive. */
  archive?: UploadArchive;
}

/** State says how far it is. */
export type UploadState = "STATE_UNSPECIFIED" | "RECEIVING" | "PROCESSING" | "SUCCEEDED" | "FAILED";

/** UploadArchive tells what came of the files in an archive. */
export interface UploadArchive {
  /** Files in it, folders and what systems add unasked aside; 0 until they were counted. */
  entries: number;
  /** Files that became assets. */
  succeeded: number;
  /** Files that no asset can be made of. */
  failed: number;
  /** The files that were looked at, in the archive's order. Only GetUpload tells them. */
  results: UploadEntry[];
}

/** UploadEntry is a file in an archive that was looked at. */
export interface UploadEntry {
  /** Place in the archive's directory, from 0. */
  position: number;
  /** Name as it is shown in lists, without folders. */
  name: string;
  /** The asset that it became. */
  assetId: string;
  /** Why no asset can be made of it. */
  error?: UploadError;
}

/** UploadError says why no asset can be made of an upload. */
export interface UploadError {
  /** Stable reason, as a file that is sent whole would be refused with. */
  reason: string;
  /** What happened, for people. */
  message: string;
}

/** User is a profile. */
export interface User {
  /** User id. */
  id?: string;
  /** Name in links: 3 to 30 of a-z, 0-9 and underscore. Empty until chosen. */
  username?: string;
  /** Name shown to others. */
  displayName?: string;
  /** E-mail address. */
  email?: string;
  /** Picture address: https only. Empty means none. */
  avatarUrl?: string;
  /** Language tag (BCP 47), such as `en` or `zh-Hans`. */
  language?: string;
  /** IANA time zone, such as `Europe/Berlin`. */
  timeZone?: string;
  /** What the user pays for. */
  tier?: TierKind;
  /** Personal workspace. */
  workspaceId?: string;
  /** When the profile was made. */
  createTime?: string;
  /** When it last changed. */
  updateTime?: string;
  /** Given name. */
  givenName?: string;
  /** Family name. */
  familyName?: string;
  /** An uploaded asset of the user's as their picture, instead of `avatar_url`. Empty means none. */
  avatarAssetId?: string;
  /** Address of the picture to show: of the asset, or else `avatar_url`. */
  pictureUrl?: string;
  /** Whether the account may be used. */
  status?: CovergenUserV1AccountStatus;
}

/** VerifyEmailRequest presents the token of a mailed link. */
export interface VerifyEmailRequest {
  /** Token of the mailed link. */
  token: string;
  /** Idempotency key. */
  requestId?: string;
}

/** VerifyEmailResponse is empty. */
export interface VerifyEmailResponse {
}

/** VerifyMfaRequest ends a sign-in. */
export interface VerifyMfaRequest {
  /** The `mfaToken` that the first factor was answered with. */
  mfaToken: string;
  /** Six digits of the authenticator app, or a recovery code. */
  code: string;
}

/** Violation is one rule's or blocked picture's match in a piece of work. What was written is not kept. */
export interface Violation {
  /** Violation id. */
  id: string;
  /** Author of the work. */
  userId: string;
  /** What was screened. */
  subject: string;
  /** Rule, or blocked picture, that matched. */
  ruleId: string;
  /** Version of the rule; 0 for a picture. */
  ruleVersion: number;
  /** Category slug. */
  category: string;
  /** Region. */
  region: string;
  /** 0 to 1. */
  score: number;
  /** Index of the text or picture. */
  partIndex: number;
  /** Place of the match, in code points of the text; 0 for a picture. */
  start: number;
  /** Character after the match; 0 for a picture. */
  end: number;
  /** Whether a picture was stopped, rather than a text. */
  isImage: boolean;
  /** State. */
  state: ViolationState;
  /** Appeal against it; empty while there is none. */
  appealId: string;
  /** Until when an appeal is possible. */
  appealableUntil?: string;
  /** When. */
  createTime?: string;
  /** What the rule forbids, in a sentence. */
  description: string;
}

export type ViolationState = "STATE_UNSPECIFIED" | "STANDING" | "APPEALED" | "UPHELD" | "OVERTURNED";

/** Warning tells a caller what is missing from a composed answer. */
export interface Warning {
  /** Field of the answer that is empty because of it, as JSON names it. */
  field: string;
  /** Stable reason, as in a problem document. */
  reason: string;
  /** What happened, for people. */
  detail: string;
}

/** Workspace is a tenant. */
export interface Workspace {
  /** Workspace id. */
  id: string;
  /** Name shown to members. */
  name: string;
  /** Whether it is its owner's personal one. */
  personal: boolean;
  /** The caller's role in it. */
  role: string;
}

/** Status is whether the account lets its owner in. */
export type CovergenAuthV1AccountStatus = "STATUS_UNSPECIFIED" | "ACTIVE" | "INACTIVE" | "SUSPENDED";

export type CovergenUserV1AccountStatus = "STATUS_UNSPECIFIED" | "ACTIVE" | "INACTIVE" | "SUSPENDED";

/** Every operation, by verb and path. */
export interface Operations {
  /** Returns the public keys that access tokens verify against (RFC 7517) */
  "GET /.well-known/jwks.json": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: Jwks;
  };
  /** Serves an image under its signed address */
  "GET /i/{signature}/{ops}/{file}": {
    path: { signature: string; ops: string; file: string; };
    query: undefined;
    body: undefined;
    answer: Blob;
  };
  /** Returns how the caller's account can be signed in to */
  "GET /m/v1/auth/account": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: Account;
  };
  /** Changes the caller's password, or sets a first one where there is none */
  "POST /m/v1/auth/change-password": {
    path: undefined;
    query: { fields?: string; };
    body: ChangePasswordRequest;
    answer: ChangePasswordResponse;
  };
  /** Mails a link by which a forgotten password is replaced */
  "POST /m/v1/auth/forgot-password": {
    path: undefined;
    query: { fields?: string; };
    body: ForgotPasswordRequest;
    answer: ForgotPasswordResponse;
  };
  /** Lists the providers that the caller's account is linked with */
  "GET /m/v1/auth/links": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: ListLinksResponse;
  };
  /** Unlinks a provider */
  "DELETE /m/v1/auth/links/{provider}": {
    path: { provider: string; };
    query: { fields?: string; };
    body: undefined;
    answer: UnlinkProviderResponse;
  };
  /** Signs in with e-mail and password */
  "POST /m/v1/auth/login": {
    path: undefined;
    query: { fields?: string; };
    body: LoginRequest;
    answer: AuthTokens;
  };
  /** Ends the session that the refresh token belongs to */
  "POST /m/v1/auth/logout": {
    path: undefined;
    query: { fields?: string; };
    body: LogoutRequest;
    answer: LogoutResponse;
  };
  /** Replaces all recovery codes, used or not */
  "POST /m/v1/auth/mfa/recovery-codes": {
    path: undefined;
    query: { fields?: string; };
    body: RenewRecoveryCodesRequest;
    answer: RecoveryCodes;
  };
  /** Begins with an authenticator app (RFC 6238) */
  "POST /m/v1/auth/mfa/totp": {
    path: undefined;
    query: { fields?: string; };
    body: EnrollTotpRequest;
    answer: TotpEnrollment;
  };
  /** Takes the authenticator app and the recovery codes away */
  "DELETE /m/v1/auth/mfa/totp": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: RemoveTotpResponse;
  };
  /** Confirms the authenticator app by its first code, and hands out recovery codes, which are never shown again */
  "POST /m/v1/auth/mfa/totp/confirm": {
    path: undefined;
    query: { fields?: string; };
    body: ConfirmTotpRequest;
    answer: RecoveryCodes;
  };
  /** Ends a sign-in that asked for a second factor, with a code of the authenticator app or a recovery code */
  "POST /m/v1/auth/mfa/verify": {
    path: undefined;
    query: { fields?: string; };
    body: VerifyMfaRequest;
    answer: AuthTokens;
  };
  /** Lists the caller's passkeys, newest first */
  "GET /m/v1/auth/passkeys": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListPasskeysResponse;
  };
  /** Verifies the passkey's answer and signs in */
  "POST /m/v1/auth/passkeys/login/finish": {
    path: undefined;
    query: { fields?: string; };
    body: FinishPasskeyLoginRequest;
    answer: AuthTokens;
  };
  /** Begins a sign-in by passkey */
  "POST /m/v1/auth/passkeys/login/start": {
    path: undefined;
    query: { fields?: string; };
    body: StartPasskeyLoginRequest;
    answer: PasskeyOptions;
  };
  /** Verifies and keeps the new passkey */
  "POST /m/v1/auth/passkeys/register/finish": {
    path: undefined;
    query: { fields?: string; };
    body: FinishPasskeyRegistrationRequest;
    answer: Passkey;
  };
  /** Begins a new passkey */
  "POST /m/v1/auth/passkeys/register/start": {
    path: undefined;
    query: { fields?: string; };
    body: StartPasskeyRegistrationRequest;
    answer: PasskeyOptions;
  };
  /** Renames one of the caller's passkeys */
  "PATCH /m/v1/auth/passkeys/{passkeyId}": {
    path: { passkeyId: string; };
    query: { fields?: string; };
    body: Partial<{ name: string; requestId?: string; }>;
    answer: Passkey;
  };
  /** Takes one of the caller's passkeys away */
  "DELETE /m/v1/auth/passkeys/{passkeyId}": {
    path: { passkeyId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: DeletePasskeyResponse;
  };
  /** Lists the providers that can be signed in with */
  "GET /m/v1/auth/providers": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: ListProvidersResponse;
  };
  /** Proves anew that the caller is at the keyboard, with the password or a code */
  "POST /m/v1/auth/reauthenticate": {
    path: undefined;
    query: { fields?: string; };
    body: ReauthenticateRequest;
    answer: ReauthenticateResponse;
  };
  /** Trades a refresh token for its one successor and a new access token */
  "POST /m/v1/auth/refresh": {
    path: undefined;
    query: { fields?: string; };
    body: RefreshRequest;
    answer: AuthTokens;
  };
  /** Opens an account and signs its owner in */
  "POST /m/v1/auth/register": {
    path: undefined;
    query: { fields?: string; };
    body: RegisterRequest;
    answer: AuthTokens;
  };
  /** Sets a new password with the token of a mailed link, which works once */
  "POST /m/v1/auth/reset-password": {
    path: undefined;
    query: { fields?: string; };
    body: ResetPasswordRequest;
    answer: ResetPasswordResponse;
  };
  /** Lists the caller's live sessions, newest first */
  "GET /m/v1/auth/sessions": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListSessionsResponse;
  };
  /** Ends every session of the caller but the one in use */
  "POST /m/v1/auth/sessions/end-others": {
    path: undefined;
    query: { fields?: string; };
    body: EndOtherSessionsRequest;
    answer: EndOtherSessionsResponse;
  };
  /** Returns one of the caller's sessions */
  "GET /m/v1/auth/sessions/{sessionId}": {
    path: { sessionId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Session;
  };
  /** Ends one of the caller's sessions at once, its access tokens included */
  "DELETE /m/v1/auth/sessions/{sessionId}": {
    path: { sessionId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Session;
  };
  /** Proves that an address is its account's, with the token of a mailed link, which works once */
  "POST /m/v1/auth/verify-email": {
    path: undefined;
    query: { fields?: string; };
    body: VerifyEmailRequest;
    answer: VerifyEmailResponse;
  };
  /** Mails the caller another link that proves their address */
  "POST /m/v1/auth/verify-email/send": {
    path: undefined;
    query: { fields?: string; };
    body: SendVerificationRequest;
    answer: SendVerificationResponse;
  };
  /** Lists the workspace's brand kits, newest first */
  "GET /m/v1/brand-kits": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListBrandKitsResponse;
  };
  /** Returns one brand kit */
  "GET /m/v1/brand-kits/{brandKitId}": {
    path: { brandKitId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: BrandKit;
  };
  /** Lists the caller's covers, newest first unless another order is asked for */
  "GET /m/v1/covers": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; favorite?: boolean; templateId?: string; taskId?: string; bulkId?: string; query?: string; orderBy?: "" | "createTime" | "createTime asc" | "createTime desc" | "title" | "title asc" | "title desc"; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListCoversResponse;
  };
  /** Lists the caller's bulks, newest first */
  "GET /m/v1/covers/bulk": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListBulksResponse;
  };
  /** Returns how far a bulk is */
  "GET /m/v1/covers/bulk/{bulkId}": {
    path: { bulkId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Bulk;
  };
  /** Tells what changed among the caller's covers since a cursor, so that a device keeps its own copy of the library */
  "GET /m/v1/covers/changes": {
    path: undefined;
    query: { cursor?: string; pageSize?: number; fields?: string; limit?: number; };
    body: undefined;
    answer: ListChangesResponse;
  };
  /** Makes covers */
  "POST /m/v1/covers/generate": {
    path: undefined;
    query: { fields?: string; };
    body: GenerateRequest;
    answer: GenerateResponse;
  };
  /** Lists what happened to the caller's generations, newest first */
  "GET /m/v1/covers/history": {
    path: undefined;
    query: { coverId?: string; taskId?: string; pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListHistoryResponse;
  };
  /** Renders the first size at screen size and keeps nothing */
  "POST /m/v1/covers/preview": {
    path: undefined;
    query: undefined;
    body: PreviewRequest;
    answer: Blob;
  };
  /** Suggests palettes from a photo, a mood word or a template */
  "POST /m/v1/covers/suggest-palettes": {
    path: undefined;
    query: { fields?: string; };
    body: SuggestPalettesRequest;
    answer: SuggestPalettesResponse;
  };
  /** Suggests titles for a topic, by rules */
  "POST /m/v1/covers/suggest-titles": {
    path: undefined;
    query: { fields?: string; };
    body: SuggestTitlesRequest;
    answer: SuggestTitlesResponse;
  };
  /** Lists the caller's generations in the workspace they act in, newest first */
  "GET /m/v1/covers/tasks": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; state?: ListTasksRequestState; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListTasksResponse;
  };
  /** Returns a generation task and, once it has succeeded, its covers */
  "GET /m/v1/covers/tasks/{taskId}": {
    path: { taskId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: CoverTask;
  };
  /** Asks for a task to be cancelled */
  "POST /m/v1/covers/tasks/{taskId}/cancel": {
    path: { taskId: string; };
    query: { fields?: string; };
    body: { requestId?: string; };
    answer: CoverTask;
  };
  /** Sends the task now and at every change, and ends after a terminal status */
  "GET /m/v1/covers/tasks/{taskId}/events": {
    path: { taskId: string; };
    query: { afterVersion?: string; fields?: string; lastEventId?: string; };
    body: undefined;
    answer: Blob;
  };
  /** Lists what happened to the caller's generations, newest first */
  "GET /m/v1/covers/tasks/{taskId}/history": {
    path: { taskId: string; };
    query: { coverId?: string; pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListHistoryResponse;
  };
  /** Returns a generation task and, once it has succeeded, its covers */
  "GET /m/v1/covers/tasks/{taskId}/status": {
    path: { taskId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: CoverTask;
  };
  /** Returns one cover */
  "GET /m/v1/covers/{coverId}": {
    path: { coverId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Cover;
  };
  /** Deletes a cover and its files */
  "DELETE /m/v1/covers/{coverId}": {
    path: { coverId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: DeleteCoverResponse;
  };
  /** Marks a cover as a favourite */
  "POST /m/v1/covers/{coverId}/favorite": {
    path: { coverId: string; };
    query: { fields?: string; };
    body: {  };
    answer: Cover;
  };
  /** Takes a cover out of the favourites */
  "DELETE /m/v1/covers/{coverId}/favorite": {
    path: { coverId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Cover;
  };
  /** Lists what happened to the caller's generations, newest first */
  "GET /m/v1/covers/{coverId}/history": {
    path: { coverId: string; };
    query: { taskId?: string; pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListHistoryResponse;
  };
  /** Makes one cover again with another seed, everything else as it was */
  "POST /m/v1/covers/{coverId}/regenerate": {
    path: { coverId: string; };
    query: { fields?: string; };
    body: { seed?: string; requestId?: string; };
    answer: GenerateResponse;
  };
  /** Renders many covers, or one in many sizes, into one archive */
  "POST /m/v1/export/batch": {
    path: undefined;
    query: { fields?: string; };
    body: PrepareBatchRequest;
    answer: PrepareResponse;
  };
  /** Renders a cover anew from its design, in one size and format */
  "POST /m/v1/export/prepare": {
    path: undefined;
    query: { fields?: string; };
    body: PrepareRequest;
    answer: PrepareResponse;
  };
  /** Lists the platforms' sizes */
  "GET /m/v1/export/presets": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: ListPresetsResponse;
  };
  /** Downloads a finished export */
  "GET /m/v1/export/{exportId}/download": {
    path: { exportId: string; };
    query: { range?: string; ifRange?: string; };
    body: undefined;
    answer: Blob;
  };
  /** Returns an export and its state */
  "GET /m/v1/export/{exportId}/status": {
    path: { exportId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Export;
  };
  /** Lists assets of the caller's, newest first */
  "GET /m/v1/media": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; kind?: AssetKind; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListAssetsResponse;
  };
  /** Takes a picture of a person's in */
  "POST /m/v1/media": {
    path: undefined;
    query: { fields?: string; };
    body: Blob;
    answer: Asset;
  };
  /** Sizes pictures of the caller's workspace for a screen, many at once */
  "POST /m/v1/media/sizes": {
    path: undefined;
    query: { fields?: string; };
    body: SizeImagesRequest;
    answer: SizeImagesResponse;
  };
  /** Begins an upload that can be resumed (tus 1.0) */
  "POST /m/v1/media/uploads": {
    path: undefined;
    query: { keepMetadata?: boolean; keepLocation?: boolean; fields?: string; };
    body: Blob;
    answer: Upload;
  };
  /** Returns an upload of the caller's */
  "GET /m/v1/media/uploads/{uploadId}": {
    path: { uploadId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Upload;
  };
  /** Adds bytes to an upload at its offset */
  "PATCH /m/v1/media/uploads/{uploadId}": {
    path: { uploadId: string; };
    query: undefined;
    body: Blob;
    answer: undefined;
  };
  /** Ends an upload and removes what was stored of it */
  "DELETE /m/v1/media/uploads/{uploadId}": {
    path: { uploadId: string; };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Returns an asset of the caller's workspace */
  "GET /m/v1/media/{assetId}": {
    path: { assetId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Asset;
  };
  /** Deletes an upload of the caller's, with its file and everything made of it, and returns it as it was */
  "DELETE /m/v1/media/{assetId}": {
    path: { assetId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Asset;
  };
  /** Returns the key to subscribe with, the `applicationServerKey` of the browser's PushManager */
  "GET /m/v1/notifications/push-key": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: PushKey;
  };
  /** Lists the caller's devices, newest first */
  "GET /m/v1/notifications/push-subscriptions": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: ListPushSubscriptionsResponse;
  };
  /** Registers the caller's device */
  "POST /m/v1/notifications/push-subscriptions": {
    path: undefined;
    query: { fields?: string; };
    body: CreatePushSubscriptionRequest;
    answer: PushSubscription;
  };
  /** Forgets one of the caller's devices */
  "DELETE /m/v1/notifications/push-subscriptions/{pushSubscriptionId}": {
    path: { pushSubscriptionId: string; };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Lists a person's notifications, newest first, in English or Chinese as Accept-Language asks */
  "GET /m/v1/notifications/user/{userId}": {
    path: { userId: string; };
    query: { pageSize?: number; pageToken?: string; unreadOnly?: boolean; language?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListNotificationsResponse;
  };
  /** Marks every notification of a person as read */
  "PUT /m/v1/notifications/user/{userId}/read": {
    path: { userId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: UnreadCount;
  };
  /** Counts a person's notifications that are not read */
  "GET /m/v1/notifications/user/{userId}/unread-count": {
    path: { userId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: UnreadCount;
  };
  /** Marks a notification as read, or as not read */
  "PUT /m/v1/notifications/{notificationId}/read": {
    path: { notificationId: string; };
    query: { fields?: string; };
    body: { unread?: boolean; language?: string; };
    answer: Notification;
  };
  /** Lists appeals */
  "GET /m/v1/safety/appeals": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; userId?: string; state?: AppealState; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListAppealsResponse;
  };
  /** Appeals against a violation, as the person it concerns */
  "POST /m/v1/safety/appeals": {
    path: undefined;
    query: { fields?: string; };
    body: CreateAppealRequest;
    answer: Appeal;
  };
  /** Returns one appeal */
  "GET /m/v1/safety/appeals/{appealId}": {
    path: { appealId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Appeal;
  };
  /** Takes an open appeal back, as the person who made it */
  "POST /m/v1/safety/appeals/{appealId}/withdraw": {
    path: { appealId: string; };
    query: { fields?: string; };
    body: { requestId?: string; };
    answer: Appeal;
  };
  /** Lists violations, newest first */
  "GET /m/v1/safety/violations": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; userId?: string; category?: string; ruleId?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListViolationsResponse;
  };
  /** Returns one violation */
  "GET /m/v1/safety/violations/{violationId}": {
    path: { violationId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Violation;
  };
  /** Returns why a piece of work was stopped, and what can be done about it, as Article 17 of the Digital Services Act asks */
  "GET /m/v1/safety/violations/{violationId}/statement": {
    path: { violationId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: StatementOfReasons;
  };
  /** Returns the home screen */
  "GET /m/v1/screens/home": {
    path: undefined;
    query: { deviceWidth?: number; devicePixelRatio?: number; columns?: number; fields?: string; };
    body: undefined;
    answer: HomeScreen;
  };
  /** Returns a page of the library */
  "GET /m/v1/screens/library": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; favorite?: boolean; templateId?: string; bulkId?: string; query?: string; orderBy?: string; deviceWidth?: number; devicePixelRatio?: number; columns?: number; fields?: string; limit?: number; };
    body: undefined;
    answer: LibraryScreen;
  };
  /** Returns everything that the form for a new cover offers */
  "GET /m/v1/screens/make": {
    path: undefined;
    query: { category?: string; fields?: string; };
    body: undefined;
    answer: MakeScreen;
  };
  /** Lists templates */
  "GET /m/v1/templates": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; category?: string; premium?: boolean; mine?: boolean; query?: string; orderBy?: "" | "gallery" | "popularity" | "popularity desc" | "name" | "newest" | "create_time desc"; filter?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListTemplatesResponse;
  };
  /** Lists the categories that templates stand in */
  "GET /m/v1/templates/categories": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: ListCategoriesResponse;
  };
  /** Returns one template, in its newest version */
  "GET /m/v1/templates/custom/{templateId}": {
    path: { templateId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Template;
  };
  /** Returns what a custom template or a brand kit can be made of */
  "GET /m/v1/templates/design-options": {
    path: undefined;
    query: { fields?: string; };
    body: undefined;
    answer: DesignOptions;
  };
  /** Lists the gallery's templates that are used most at present */
  "GET /m/v1/templates/popular": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; category?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListTemplatesResponse;
  };
  /** Returns one template, in its newest version */
  "GET /m/v1/templates/{templateId}": {
    path: { templateId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Template;
  };
  /** Returns a small sample of a template as PNG */
  "GET /m/v1/templates/{templateId}/thumbnail": {
    path: { templateId: string; };
    query: { version?: number; };
    body: undefined;
    answer: Blob;
  };
  /** Returns a profile */
  "GET /m/v1/users/{userId}": {
    path: { userId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: User;
  };
  /** Changes the profile fields that the mask names */
  "PUT /m/v1/users/{userId}": {
    path: { userId: string; };
    query: { updateMask?: string; fields?: string; };
    body: User;
    answer: User;
  };
  /** Changes the profile fields that the mask names */
  "PATCH /m/v1/users/{userId}": {
    path: { userId: string; };
    query: { updateMask?: string; fields?: string; };
    body: Partial<User>;
    answer: User;
  };
  /** Deletes the caller's account with everything that is theirs, in every service */
  "DELETE /m/v1/users/{userId}": {
    path: { userId: string; };
    query: { confirmation?: string; };
    body: undefined;
    answer: undefined;
  };
  /** Prepares a copy of everything that is kept of the caller */
  "POST /m/v1/users/{userId}/export": {
    path: { userId: string; };
    query: { fields?: string; };
    body: { requestId?: string; };
    answer: DataExport;
  };
  /** Streams the copy as a ZIP, gathered from every service as it is sent */
  "GET /m/v1/users/{userId}/exports/{dataExportId}/download": {
    path: { userId: string; dataExportId: string; };
    query: undefined;
    body: undefined;
    answer: Blob;
  };
  /** Lists what the user has made and what became of it, newest first */
  "GET /m/v1/users/{userId}/history": {
    path: { userId: string; };
    query: { pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: GetHistoryResponse;
  };
  /** Returns the user's preferences */
  "GET /m/v1/users/{userId}/preferences": {
    path: { userId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Preferences;
  };
  /** Replaces the user's preferences */
  "PUT /m/v1/users/{userId}/preferences": {
    path: { userId: string; };
    query: { etag?: string; fields?: string; };
    body: Preferences;
    answer: Preferences;
  };
  /** Returns what is left of this month's covers */
  "GET /m/v1/users/{userId}/quota": {
    path: { userId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Quota;
  };
  /** Takes units from the caller's own quota, without a reservation */
  "POST /m/v1/users/{userId}/quota/consume": {
    path: { userId: string; };
    query: { fields?: string; };
    body: { units?: number; requestId?: string; };
    answer: Quota;
  };
  /** Returns what the user's tier gives, and where the tier comes from */
  "GET /m/v1/users/{userId}/subscription": {
    path: { userId: string; };
    query: { fields?: string; };
    body: undefined;
    answer: Subscription;
  };
  /** Lists the workspaces the caller belongs to, the personal one first */
  "GET /m/v1/workspaces": {
    path: undefined;
    query: { pageSize?: number; pageToken?: string; fields?: string; page?: number; limit?: number; };
    body: undefined;
    answer: ListWorkspacesResponse;
  };
}
