// Prints the Khronos validator's report of one file as JSON: node validate_gltf.mjs MODULES FILE
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, file] = process.argv.slice(2);
const validator = createRequire(`${modules}/`)("gltf-validator");
const report = await validator.validateBytes(new Uint8Array(readFileSync(file)));
console.log(JSON.stringify(report.issues));
