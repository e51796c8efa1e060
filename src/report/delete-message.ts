/** Why a job is deleted: the time was up, the run was canceled, or the main step was stopped for an unknown reason. */
export type DeleteCause = 'timeout' | 'cancelled' | 'stopped';

const REASONS: Readonly<Record<DeleteCause, string>> = {
  timeout: 'Not finished in time',
  cancelled: 'Workflow run canceled',
  stopped: 'Workflow step stopped',
};

/**
 * Says why a job is deleted, with a link to the workflow run if there is room for it.
 * @param maxLength in characters
 * @param env the environment variables of the runner
 */
export function deleteMessage(cause: DeleteCause, maxLength: number, env: NodeJS.ProcessEnv): string {
  const why = REASONS[cause];
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const link = `${server}/${repository}/actions/runs/${run}`;
  const linked = [`${why}: ${link}`, link].find((message) => message.length <= maxLength);
  return server && repository && run && linked ? linked : `${why} (GitHub Actions)`;
}
