// Adds up the reports of all test runs into one closing line.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [dir = ""] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const name of readdirSync(dir)) {
  const report = JSON.parse(readFileSync(join(dir, name), "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  for (const file of report.testResults)
    for (const test of file.assertionResults)
      if (test.status === "failed") console.log(`failed: ${test.fullName}\n${excerpt(test.failureMessages)}`);
}
/** The first lines of why, of a test that failed: what was expected, and where it stands. */
function excerpt(messages) {
  const lines = messages.flatMap((message) => message.split("\n"));
  return lines
    .slice(0, 8)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
