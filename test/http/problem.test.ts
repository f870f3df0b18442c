import { expect, test } from 'vitest';
import { allProblems } from '../../functions/http/failures.ts';
import { problemOf, PROBLEMS, wrongField } from '../../functions/http/problem.ts';
import { ALL } from '../support/operations.ts';

test('a problem speaks the reader’s language, and names each wrong field in it', () => {
  const failure = wrongField('contact.phone', { 'zh-CN': '有误', en: 'is wrong' });
  expect(problemOf(failure, 'zh-CN')).toEqual({
    type: '/problems/invalid',
    title: '内容有误',
    status: 422,
    detail: PROBLEMS.invalid.advice['zh-CN'],
    code: 'invalid',
    errors: [{ path: 'contact.phone', message: '有误' }],
  });
  expect(problemOf(failure, 'en')).toMatchObject({
    title: 'Some fields are wrong',
    errors: [{ path: 'contact.phone', message: 'is wrong' }],
  });
});

test('a problem says nothing of how it came about', () => {
  const failure = { code: 'internal', retryAfter: 5, allow: ['GET'], cause: new Error('a secret') } as const;
  expect(Object.keys(problemOf(failure, 'en')).toSorted()).toEqual(['code', 'detail', 'status', 'title', 'type']);
});

test('every problem has a status of an error, a title and something to do about it, in both languages', () => {
  for (const [code, { status, title, advice }] of Object.entries(PROBLEMS)) {
    expect(status, code).toBeGreaterThanOrEqual(400);
    for (const text of [title, advice]) {
      expect(text['zh-CN'], code).toMatch(/\p{Script=Han}/u);
      expect(text.en, code).toMatch(/^[\x20-\x7e]+$/);
    }
  }
});

test('what an operation may answer follows from what it is', () => {
  for (const operation of ALL) {
    const problems = allProblems(operation);
    expect(new Set(problems).size).toBe(problems.length);
    expect(problems.includes('unauthenticated'), operation.id).toBe(operation.access !== 'public');
    expect(problems.includes('bodyTooLarge'), operation.id).toBe(operation.body !== undefined);
    if (operation.method === 'POST') expect(problems).toContain('idempotencyKeyReused');
    if (operation.ifMatch === true) expect(problems).toContain('preconditionFailed');
    if (operation.limit !== undefined) expect(problems).toContain('tooManyRequests');
  }
});
