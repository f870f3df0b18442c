import { fork } from 'node:child_process';

/** Runs a script in a process of its own, with that environment and nothing else, and answers with what it sends. Its stdout is thrown away. */
export const answerOf = <Answer>(script: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Answer> =>
  new Promise((answered, failed) => {
    const child = fork(script, args, { env: { ...environment }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let answer: Answer | undefined;
    child.on('message', (message) => (answer = message as Answer));
    child.on('error', failed);
    child.on('exit', (code) => (answer === undefined ? failed(new Error(`${script} ended with ${code}`)) : answered(answer)));
  });
