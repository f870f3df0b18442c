/** The interface about itself: its contract, and what each problem means. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import { PROBLEMS, type ProblemCode } from '../http/problem.ts';

const readContract = operation({
  id: 'readContract',
  method: 'GET',
  path: '/openapi.json',
  summary: 'This interface as OpenAPI 3.1',
  access: 'public',
  responses: { 200: z.looseObject({ openapi: z.string() }) },
  uses: {},
});

const text = z.object({ 'zh-CN': z.string(), en: z.optional(z.string()) });
const codes = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

const readProblem = operation({
  id: 'readProblem',
  method: 'GET',
  path: '/problems/{code}',
  summary: 'What a problem means and what to do about it',
  access: 'public',
  params: z.object({ code: z.enum(codes) }),
  responses: { 200: z.object({ type: z.string(), status: z.int(), title: text, advice: text }) },
  problems: ['notFound'],
  uses: {},
  examples: { params: { code: 'notFound' } },
});

export const referenceOperations = { readContract, readProblem };
