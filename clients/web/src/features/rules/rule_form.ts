import { type Rule, Rule_Ground as Ground, Rule_Mode as Mode } from "../../gen/covergen/safety/v1/safety_pb";

/** A rule as its form holds it. */
export interface RuleForm {
  id: string;
  description: string;
  category: string;
  region: string;
  score: string;
  mode: "enforced" | "shadow";
  /** One a line. */
  patterns: string;
  exceptions: string;
  ground: "terms" | "law";
  reference: string;
  note: string;
}

/** The fields that a save writes, as masks name them. */
export const FIELDS = ["description", "category", "region", "score", "mode", "patterns", "exceptions", "ground", "ground_reference", "note"];

/** A rule's form; a new one begins in shadow. */
export function formOf(rule: Rule | undefined): RuleForm {
  return {
    id: rule?.id ?? "",
    description: rule?.description ?? "",
    category: rule?.category ?? "",
    region: rule?.region ?? "*",
    score: String(rule?.score ?? 0.8),
    mode: rule?.mode === Mode.ENFORCED ? "enforced" : "shadow",
    patterns: rule?.patterns.join("\n") ?? "",
    exceptions: rule?.exceptions.join("\n") ?? "",
    ground: rule?.ground === Ground.LAW ? "law" : "terms",
    reference: rule?.groundReference ?? "",
    note: "",
  };
}

/** The same as the contract has it. */
export function ruleOf(form: RuleForm) {
  return {
    description: form.description.trim(),
    category: form.category.trim(),
    region: form.region.trim(),
    score: Number(form.score),
    mode: form.mode === "enforced" ? Mode.ENFORCED : Mode.SHADOW,
    patterns: linesOf(form.patterns),
    exceptions: linesOf(form.exceptions),
    ground: form.ground === "law" ? Ground.LAW : Ground.TERMS,
    groundReference: form.reference.trim(),
    note: form.note.trim(),
  };
}

/** Lines that say something. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What is wrong with a form, by field: the names of texts. */
export function problemsOf(form: RuleForm, isNew: boolean) {
  const score = Number(form.score);
  return {
    id: isNew && !(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(form.id.trim()) && form.id.trim().length >= 3) ? ("idInvalid" as const) : undefined,
    description: form.description.trim() === "" ? ("missing" as const) : undefined,
    category: /^[a-z][a-z0-9_]*$/.test(form.category.trim()) ? undefined : ("categoryInvalid" as const),
    region: /^([A-Z]{2}|\*)$/.test(form.region.trim()) ? undefined : ("regionInvalid" as const),
    score: score > 0 && score <= 1 ? undefined : ("scoreInvalid" as const),
    patterns: linesOf(form.patterns).length === 0 ? ("missing" as const) : undefined,
  };
}
