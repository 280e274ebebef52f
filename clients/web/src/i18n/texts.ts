import { type Language, useI18n } from ".";

/** Texts of one feature in every language. They are fetched with the feature's
    pages; a text missing in one language is a type error. */
export type Texts<T> = Record<Language, T>;

/** Pairs a feature's texts. */
export function texts<T>(en: T, zh: NoInfer<T>): Texts<T> {
  return { en, "zh-Hans": zh };
}

/** A feature's texts in the current language. */
export function useTexts<T>(both: Texts<T>): T {
  return both[useI18n().language];
}
