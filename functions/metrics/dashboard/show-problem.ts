/** Shows a problem in the language that was asked for, with the headers of every other page. */
import type { ProblemPage } from '../../http/call.ts';
import { readDashboard } from '../contract.ts';
import { pageHeaders } from './headers.ts';
import { problemPage } from './problem.ts';

export const showProblem: ProblemPage = (failure, { query, language: preferred }) => {
  const lang = readDashboard.query.shape.lang.safeParse(query.get('lang'));
  const language = lang.data ?? preferred;
  return Promise.resolve({ body: problemPage(failure, { query, language }), headers: pageHeaders(language) });
};
