import { create } from "@bufbuild/protobuf";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { users } from "../../api/clients";
import { meQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { UserSchema } from "../../gen/covergen/user/v1/user_pb";
import { type Language, LANGUAGES, useI18n } from "../../i18n";
import { setTheme, type Theme, useTheme } from "../../theme/theme";
import { Segmented } from "../../ui/Segmented";

/** Each language in its own words, so that it can be found by its readers. */
const NAMES: Record<Language, string> = { en: "English", "zh-Hans": "简体中文" };

/** Theme and language. The language also goes into the profile, from where
    mails and other devices take it. */
export function Appearance() {
  const { t, language, setLanguage } = useI18n();
  const client = useQueryClient();
  const theme = useTheme();
  const keep = useMutation({
    mutationFn: (chosen: Language) =>
      users.updateUser({
        userId: "me",
        user: create(UserSchema, { language: chosen }),
        updateMask: { paths: ["language"] },
        requestId: newRequestId(),
      }),
    onSuccess: (user) => client.setQueryData(meQuery.queryKey, user),
  });
  return (
    <>
      <Segmented<Theme>
        label={t.account.theme}
        value={theme}
        onChange={setTheme}
        options={[
          { value: "system", label: t.account.themeSystem },
          { value: "light", label: t.account.themeLight },
          { value: "dark", label: t.account.themeDark },
        ]}
      />
      <Segmented
        label={t.account.language}
        value={language}
        onChange={(chosen) => {
          setLanguage(chosen);
          keep.mutate(chosen);
        }}
        options={LANGUAGES.map((value) => ({ value, label: <span lang={value}>{NAMES[value]}</span> }))}
      />
    </>
  );
}
