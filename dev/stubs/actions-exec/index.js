/**
 * @actions/core imports @actions/exec for platform.getDetails() alone, which this action never calls.
 * Leaving it out keeps about 50 kB out of dist. Should core ever begin to use it, this fails loudly.
 */
export function getExecOutput() {
  throw new Error('@actions/exec is left out of this bundle (see dev/stubs/actions-exec)');
}
