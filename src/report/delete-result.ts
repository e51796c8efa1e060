import type { DeleteResult } from '../polling/delete-jobs.ts';

/** Whether somebody has to check a job because it might not have been deleted. */
export function isProblem({ kind }: DeleteResult): boolean {
  return kind === 'failed' || kind === 'unconfirmed';
}

/** Says what came of the request to delete a job, in sentences that begin in lower case. May quote the server. */
export function deleteResultText(result: DeleteResult): string {
  switch (result.kind) {
    case 'deleted':
      return 'requested deletion. A running import might not stop. Check the job before you import again.';
    case 'finished': {
      const { state, result: outcome } = result.job;
      return `not deleted, because the job is finished (state ${state}, result ${outcome || 'missing'}).`;
    }
    case 'failed':
      return `could not delete the job. ${result.error.message} Check the job in Collibra.`;
    case 'unconfirmed':
      return `no confirmation that the job was deleted. ${result.error.message} Check the job in Collibra.`;
  }
}
