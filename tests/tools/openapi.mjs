// Is this OpenAPI 3.1, and are these answers what it says? In: {document, answers: [{name, pointer, body}]}, where
// `pointer` leads to the schema of the body. Out: {document: [fault…], answers: [fault…]}.
import Ajv from "ajv/dist/2020.js";
import { Validator } from "@seriousme/openapi-schema-validator";
import { text } from "node:stream/consumers";

const { document, answers } = JSON.parse(await text(process.stdin));
const { valid, errors } = await new Validator().validate(structuredClone(document));
const told = (errors) => [errors].flat().map((error) => (typeof error === "string" ? error : `${error.instancePath} ${error.message}`));

// `format: uint32` and the like are notes for people here; a member that no schema knows is a fault of the schema.
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false, allErrors: true });
ajv.addVocabulary(["openapi", "info", "servers", "paths", "components"]);
ajv.addSchema(document, "openapi");
const faults = answers.flatMap(({ name, pointer, body }) => {
  const validate = ajv.compile({ $ref: `openapi#${pointer}` });
  return validate(body) ? [] : told(validate.errors).map((fault) => `${name}: ${fault}`);
});
console.log(JSON.stringify({ document: valid ? [] : told(errors), answers: faults }));
