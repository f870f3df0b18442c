import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { close, extend, publish } from './change.ts';
import { surveyOperations } from './contract.ts';
import { create, revise } from './make.ts';
import { list, read } from './read.ts';
import { respond } from './respond.ts';
import { issueCodes } from './issue-codes.ts';
import { later } from '../http/later.ts';
import { listTexts } from './list-texts.ts';
import { readResponse } from './read-response.ts';
import { readResults } from './read-results.ts';
import { surveysTable } from './table.ts';

export const surveys = service({
  domain: 'surveys',
  table: surveysTable,
  operations: surveyOperations,
  handlers: {
    createSurvey: create,
    reviseSurvey: revise,
    publishSurvey: publish,
    extendSurvey: extend,
    closeSurvey: close,
    listSurveys: list,
    readSurvey: read,
    respondToSurvey: respond,
    readSurveyResponse: readResponse,
    issueSurveyCodes: issueCodes,
    readSurveyResults: readResults,
    listSurveyTexts: listTexts,
    readSurveyResponses: later(async () => (await import('./read-files.ts')).readResponses),
    readSurveyCodebook: later(async () => (await import('./read-files.ts')).readCodebook),
  },
});

export const handler = lambda(surveys.build);
