/**
 * Writes `N passed, N failed[, N skipped]` as the very last line. A suite that could not be loaded counts as failed: its
 * tests are not among those that Jest counts.
 */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // At exit, because Jest still has its own summary and warnings to print.
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}
