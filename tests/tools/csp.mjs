// What Google's CSP Evaluator finds in policies. In: [policy…]. Out: [[{severity, directive, value, description}…]…], one
// list a policy. Severity 10 is high, 100 is none; see the package's `Severity`.
import { text } from "node:stream/consumers";
import csp_evaluator from "csp_evaluator";
import csp from "csp_evaluator/dist/csp.js";
import parser from "csp_evaluator/dist/parser.js";

const policies = JSON.parse(await text(process.stdin));
const found = policies.map((policy) => {
  const evaluator = new csp_evaluator.CspEvaluator(new parser.CspParser(policy).csp, csp.Version.CSP3);
  return evaluator.evaluate().map(({ severity, directive, value, description }) => ({ severity, directive, value, description }));
});
console.log(JSON.stringify(found));
