/**
 * Says why a job is deleted, with a link to the workflow run if there is room for it.
 * @param maxLength in characters
 * @param env the environment variables of the runner
 */
export function deleteMessage(cause: 'timeout' | 'cancelled', maxLength: number, env: NodeJS.ProcessEnv): string {
  const why = cause === 'timeout' ? 'Not finished in time' : 'Workflow run canceled';
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const link = `${server}/${repository}/actions/runs/${run}`;
  const linked = [`${why}: ${link}`, link].find((message) => message.length <= maxLength);
  return server && repository && run && linked ? linked : `${why} (GitHub Actions)`;
}
