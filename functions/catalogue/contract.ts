/** What clients see of the catalogue of services, the programmes and the settings. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import { code, divisionCode, line, page, paging, stored, texts, named } from '../http/schema.ts';
import { COLOURS } from '../kernel/colour.ts';
import { MOST_MONTHS_ASKED } from '../kernel/visit-plan.ts';
import { INITIAL_SETTINGS } from './settings.ts';

const GROUPS = ['welfare', 'convenience', 'safety'] as const;
const VISIBILITIES = ['public', 'private', 'confidential'] as const;
const DATATYPES = ['string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist'] as const;
const TIME_UNITS = ['minutes', 'hours', 'days', 'workingDays'] as const;

const MAX_AMOUNT = 10_000;
/** Clocks: a day is 24 hours; working days follow China's official calendar and end at the same time of day. */
const timeLimit = named('TimeLimit', z.strictObject({ amount: z.int().check(z.gte(1), z.lte(MAX_AMOUNT)), unit: z.enum(TIME_UNITS) }));

/** Open311's attribute of a service. */
const attributeSchema = named(
  'Attribute',
  z.strictObject({
    code,
    datatype: z.enum(DATATYPES),
    required: z.boolean(),
    description: texts(300),
    datatypeDescription: z.optional(texts(300)),
    order: z.int().check(z.gte(0), z.lte(1000)),
    values: z.optional(z.array(z.strictObject({ key: code, name: texts(100) })).check(z.minLength(1), z.maxLength(200))),
  }),
);
export type Attribute = z.output<typeof attributeSchema>;

const serviceFields = {
  name: texts(100),
  description: texts(2000),
  group: z.enum(GROUPS),
  programme: z.optional(code),
  keywords: z.array(line(50)).check(z.maxLength(50)),
  attributes: z.array(attributeSchema).check(z.maxLength(50)),
  respondWithin: timeLimit,
  resolveWithin: timeLimit,
  /** Its clocks are starting values, which nobody here has decided on yet. */
  startingValues: z.optional(z.boolean()),
  visibility: z.enum(VISIBILITIES),
  /** Where it is offered: these divisions and all within them; everywhere without it. */
  divisions: z.optional(z.array(divisionCode).check(z.minLength(1), z.maxLength(100))),
};

const serviceInput = named('ServiceInput', z.strictObject({ ...serviceFields, active: z.optional(z.boolean()) }));
export type ServiceInput = z.output<typeof serviceInput>;
const serviceSchema = named('Service', z.object({ code, version: z.int(), ...serviceFields, active: z.boolean() }));

const programmeSchema = named('Programme', z.strictObject({ code, name: texts(100), source: line(300) }));

const share = stored(6).check(z.gte(0), z.lte(1));
const gain = z.int().check(z.gte(0), z.lte(100));
const loss = z.int().check(z.gte(-100), z.lte(0));
const most = z.int().check(z.gte(1), z.lte(100));
const months = z.int().check(z.gte(1), z.lte(120));
const days = z.int().check(z.gte(1), z.lte(3660));

/** What is posted unless said, which is within what may be posted at a time. */
const postedPoints = (points: z.ZodMiniNumber) =>
  z
    .strictObject({ points, most })
    .check(z.refine(({ points: usual, most: greatest }) => Math.abs(usual) <= greatest, { error: 'most', path: ['points'] }));

const dayOfMonth = z.int().check(z.gte(1), z.lte(28));
/** A visit between each two days of the month, both included, none of them in two; or one in so many months that end with it. */
const visitsAsked = z.union([
  z.strictObject({
    days: z.array(z.strictObject({ from: dayOfMonth, to: dayOfMonth })).check(
      z.minLength(1),
      z.maxLength(28),
      z.refine((windows) => windows.every(({ from, to }, index) => from <= to && from > (windows[index - 1]?.to ?? 0)), {
        error: 'windows',
      }),
    ),
  }),
  z.strictObject({ months: z.int().check(z.gte(1), z.lte(MOST_MONTHS_ASKED)) }),
]);

/** Every setting by name: what it must look like, and what holds until somebody sets it. */
export const SETTINGS = {
  programmes: { schema: z.array(programmeSchema).check(z.maxLength(100)), initial: INITIAL_SETTINGS.programmes },
  /** Whom developers of Open311 clients ask, and where they get a key: as discovery says it. */
  open311: { schema: z.strictObject({ contact: line(300), keyService: line(300) }), initial: INITIAL_SETTINGS.open311 },
  /**
   * Of the community foundation: what of a year's spending may be administrative, what of the year before's income is to be spent (a share
   * each; Charity Law, article 61), how soon a grant is reported on and a quarter disclosed. What is beyond them is warned of, not refused.
   */
  foundation: {
    schema: z.strictObject({ administrativeCap: share, yearlySpending: share, reportWithinDays: days, discloseWithinDays: days }),
    initial: INITIAL_SETTINGS.foundation,
  },
  /** Alerts of these colours wait for a second officer. */
  alertSecondPerson: {
    schema: z.strictObject({ colours: z.array(z.enum(COLOURS)).check(z.maxLength(COLOURS.length)) }),
    initial: INITIAL_SETTINGS.alertSecondPerson,
  },
  /**
   * How often those who are looked after are visited, by tier, in due lists and reminders (the indicator is always counted by its own
   * definition); from which age they are very old; and how soon after an orange or red alert they are visited.
   */
  careVisits: {
    schema: z.strictObject({
      high: visitsAsked,
      key: visitsAsked,
      general: visitsAsked,
      veryOldFrom: z.int().check(z.gte(60), z.lte(120)),
      alertWithinHours: z.int().check(z.gte(1), z.lte(168)),
    }),
    initial: INITIAL_SETTINGS.careVisits,
  },
  /** How long a provider's admission (准入) holds unless it is said, and at the most. */
  providerAdmission: {
    schema: z
      .strictObject({ months, mostMonths: months })
      .check(z.refine(({ months: usual, mostMonths }) => usual <= mostMonths, { error: 'most', path: ['months'] })),
    initial: INITIAL_SETTINGS.providerAdmission,
  },
  /**
   * What the events of a provider's credit (信用) come to: points of 100 and how long they count. `together` is how much gains of one kind come
   * to at the most; `posted` are those of dispatchers, `most` of them at a time.
   */
  creditMethod: {
    schema: z.strictObject({
      start: z.int().check(z.gte(0), z.lte(100)),
      fullMonths: months,
      halfMonths: z.int().check(z.gte(0), z.lte(120)),
      repaired: share,
      points: z.strictObject({
        ratedVerySatisfied: gain,
        ratedDissatisfied: loss,
        ratedVeryDissatisfied: loss,
        resolvedLate: loss,
        rectificationLate: loss,
      }),
      together: z.strictObject({ ratedVerySatisfied: gain, merit: gain }),
      posted: z.strictObject({
        misconduct: postedPoints(z.int().check(z.gte(-100), z.lte(-1))),
        merit: postedPoints(z.int().check(z.gte(1), z.lte(100))),
      }),
    }),
    initial: INITIAL_SETTINGS.creditMethod,
  },
  /** What a division's quality score (质量综合评价) is made of: rates by their weight, and the value that earns all of it. */
  qualityMethod: {
    schema: z.strictObject({
      parts: z
        .array(
          z.strictObject({
            indicator: code,
            weight: z.int().check(z.gte(1), z.lte(100)),
            target: z.optional(stored(6).check(z.gt(0), z.lte(1))),
          }),
        )
        .check(
          z.minLength(1),
          z.maxLength(30),
          z.refine((parts) => new Set(parts.map(({ indicator }) => indicator)).size === parts.length, { error: 'once' }),
        ),
    }),
    initial: INITIAL_SETTINGS.qualityMethod,
  },
  /** Call back within, fix within, and fix within when marked hard (差评整改). */
  rectifications: {
    schema: z.strictObject({ callbackWithin: timeLimit, fixWithin: timeLimit, hardFixWithin: timeLimit }),
    initial: INITIAL_SETTINGS.rectifications,
  },
} as const;
export type SettingName = keyof typeof SETTINGS;
export type SettingValue<N extends SettingName> = z.output<(typeof SETTINGS)[N]['schema']>;

const settingNames = z.enum([
  'programmes',
  'open311',
  'foundation',
  'alertSecondPerson',
  'careVisits',
  'providerAdmission',
  'creditMethod',
  'qualityMethod',
  'rectifications',
] satisfies SettingName[]);
const serviceParams = z.object({ code });
const serviceExample = {
  name: { 'zh-CN': '路灯不亮', en: 'Street lamp out' },
  description: { 'zh-CN': '道路、小区公共区域的路灯不亮或损坏', en: 'A street lamp in public space is out or broken' },
  group: 'convenience',
  keywords: ['路灯', '照明'],
  attributes: [],
  respondWithin: { amount: 4, unit: 'hours' },
  resolveWithin: { amount: 3, unit: 'workingDays' },
  visibility: 'public',
};

export const listServices = operation({
  id: 'listServices',
  method: 'GET',
  path: '/v1/services',
  summary: 'The services that can be asked for, by code',
  access: 'public',
  query: z.strictObject({ group: z.optional(z.enum(GROUPS)), division: z.optional(divisionCode), ...paging }),
  responses: { 200: page(serviceSchema) },
  problems: ['cursorInvalid'],
  uses: { catalogue: 'read' },
  examples: { query: { group: 'welfare' } },
});

export const readService = operation({
  id: 'readService',
  method: 'GET',
  path: '/v1/services/{code}',
  summary: 'A service as it is offered now, active or not',
  access: 'public',
  params: serviceParams,
  responses: { 200: serviceSchema },
  problems: ['notFound'],
  uses: { catalogue: 'read' },
  examples: { params: { code: 'streetLamp' } },
});

export const putService = operation({
  id: 'putService',
  method: 'PUT',
  path: '/v1/services/{code}',
  summary: 'Makes a service or a new version of it; requests keep the version that they were made under',
  access: 'signedIn',
  roles: ['admin'],
  params: serviceParams,
  body: serviceInput,
  responses: { 200: serviceSchema, 201: serviceSchema },
  problems: ['preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { catalogue: 'write' },
  examples: { params: { code: 'streetLamp' }, body: serviceExample },
});

export const listProgrammes = operation({
  id: 'listProgrammes',
  method: 'GET',
  path: '/v1/programmes',
  summary: 'The action programmes that services belong to, each with its source',
  access: 'public',
  query: z.strictObject(paging),
  responses: { 200: page(programmeSchema) },
  problems: ['cursorInvalid'],
  uses: { catalogue: 'read' },
});

const settingSchema = z.object({ name: settingNames, value: z.unknown() });
const settingParams = z.object({ name: settingNames });

export const readSetting = operation({
  id: 'readSetting',
  method: 'GET',
  path: '/v1/settings/{name}',
  summary: 'A setting, as it was set or as it is to begin with',
  access: 'signedIn',
  roles: ['admin'],
  params: settingParams,
  responses: { 200: settingSchema },
  problems: ['notFound'],
  uses: { catalogue: 'read' },
  examples: { params: { name: 'rectifications' } },
});

export const putSetting = operation({
  id: 'putSetting',
  method: 'PUT',
  path: '/v1/settings/{name}',
  summary: 'Sets a setting; its value must be of that name’s own shape',
  access: 'signedIn',
  roles: ['admin'],
  params: settingParams,
  body: z.strictObject({ value: z.unknown() }),
  responses: { 200: settingSchema },
  problems: ['notFound', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { catalogue: 'write' },
  examples: { params: { name: 'rectifications' }, body: { value: SETTINGS.rectifications.initial } },
});

export const catalogueOperations = { listServices, readService, putService, listProgrammes, readSetting, putSetting };
