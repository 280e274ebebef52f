import type { Template, TemplateDesign } from "../../gen/covergen/template/v1/template_pb";

/** A custom template's design, as the editor holds it. Empty means as the
    layout has it. */
export interface Design {
  base: string;
  background: string;
  colors: string[];
  font: string;
  letterCase: string;
  align: string;
  treatment: string;
  kicker: string;
}

/** The design of a template, or a new one on the gallery's first layout. */
export function designOf(stored: TemplateDesign | undefined, gallery: readonly Template[]): Design {
  return {
    base: stored?.base ?? gallery[0]?.id ?? "",
    background: stored?.background ?? "",
    colors: stored?.colors ?? [],
    font: stored?.font ?? "",
    letterCase: stored?.letterCase ?? "",
    align: stored?.align ?? "",
    treatment: stored?.photo?.treatment ?? "",
    kicker: stored?.kicker ?? "",
  };
}

/** The same as the contract has it. */
export function messageOf({ treatment, ...design }: Design) {
  return { ...design, photo: treatment ? { treatment } : undefined };
}
