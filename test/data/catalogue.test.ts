/** The data that Linli ships: what the starting catalogue promises, and that the demo day could really happen. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import catalogue from '../../lib/data/catalogue.json' with { type: 'json' };
import demo from '../../lib/data/demo/requests.json' with { type: 'json' };

interface Text {
  'zh-CN': string;
  en: string;
}
interface Attribute {
  code: string;
  datatype: string;
  required: boolean;
  description: Text;
  datatypeDescription?: Text;
  order: number;
  values?: { key: string; name: Text }[];
}
interface Clock {
  amount: number;
  unit: string;
}
interface Service {
  code: string;
  name: Text;
  description: Text;
  group: string;
  programme?: string;
  keywords: string[];
  attributes: Attribute[];
  respondWithin: Clock;
  resolveWithin: Clock;
  visibility: string;
  active: boolean;
}
interface Step {
  after: string;
  action: string;
  as: string;
  body: Record<string, unknown>;
}
interface DemoRequest {
  at: string;
  by: string;
  service: string;
  community: string;
  description: string;
  address: string;
  location?: { lat: number; long: number };
  attributes?: Record<string, unknown>;
  contact?: { name: string; phone: string };
  onBehalfOf?: { name: string; phone: string };
  channel: string;
  then: Step[];
}

const services: Service[] = catalogue.services;
const programmes: { code: string; name: Text; source: string }[] = catalogue.programmes;
const requests: DemoRequest[] = demo;
const divisions: { code: string; name: string }[] = parse(readFileSync(new URL('../../lib/data/demo/divisions.csv', import.meta.url)), {
  columns: true,
});

const byCode = new Map(services.map((service) => [service.code, service]));
const names = new Map(divisions.map(({ code, name }) => [code, name]));
const CAMEL_CASE = /^[a-z][A-Za-z0-9]*$/;
const LISTS = ['singlevaluelist', 'multivaluelist'];
const asksNothing = (service: Service) => service.attributes.every(({ required }) => !required);
const twice = (codes: string[]) => codes.filter((code, index) => codes.indexOf(code) !== index);
const texts = (value: unknown): Text[] => {
  if (typeof value !== 'object' || value === null) return [];
  if ('zh-CN' in value) return [value as Text];
  return Object.values(value).flatMap(texts);
};
const MINUTES: Record<string, number> = { minutes: 1, hours: 60, days: 24 * 60, workingDays: 24 * 60 };
const inMinutes = ({ amount, unit }: Clock) => amount * (MINUTES[unit] ?? Number.NaN);

describe('the starting catalogue', () => {
  test('has at least 60 services, each with a code of its own', () => {
    expect(services.length).toBeGreaterThanOrEqual(60);
    expect(twice(services.map(({ code }) => code))).toEqual([]);
    expect(twice(services.map(({ name }) => name['zh-CN']))).toEqual([]);
    expect(services.filter(({ code }) => !CAMEL_CASE.test(code))).toEqual([]);
  });

  test('speaks Chinese and English in every text, and knows the words of residents', () => {
    const incomplete = texts(catalogue).filter(
      (text) => !/\p{Script=Han}/u.test(text['zh-CN']) || !text.en || /\p{Script=Han}/u.test(text.en),
    );
    expect(incomplete).toEqual([]);
    expect(services.filter(({ keywords }) => keywords.length === 0 || keywords.some((word) => !word || /[,，\s]/.test(word)))).toEqual([]);
  });

  test.each(['welfare', 'convenience', 'safety'])('has services in the group %s', (group) => {
    expect(services.some((service) => service.group === group)).toBe(true);
  });

  test('knows no other group, visibility or unit of time', () => {
    for (const { code, group, visibility, respondWithin, resolveWithin, active } of services) {
      expect(['welfare', 'convenience', 'safety'], code).toContain(group);
      expect(['public', 'private', 'confidential'], code).toContain(visibility);
      for (const { amount, unit } of [respondWithin, resolveWithin]) {
        expect(['minutes', 'hours', 'days', 'workingDays'], code).toContain(unit);
        expect(Number.isInteger(amount) && amount > 0, code).toBe(true);
      }
      expect(active, code).toBe(true);
    }
  });

  test('never lets a service be resolved before it is due to be answered', () => {
    expect(services.filter(({ respondWithin, resolveWithin }) => inMinutes(respondWithin) > inMinutes(resolveWithin))).toEqual([]);
    // Working days may stand still for a week and more over a holiday, and elapsed time does not.
    expect(
      services.filter(({ respondWithin, resolveWithin }) => respondWithin.unit === 'workingDays' && resolveWithin.unit !== 'workingDays'),
    ).toEqual([]);
  });

  test('names services as residents do', () => {
    const shipped = services.map(({ name }) => name['zh-CN']);
    expect(shipped).toEqual(
      expect.arrayContaining(['助餐', '助洁', '助浴', '助医', '托育', '家政', '维修', '心理服务', '理发', '物业服务', '社区食堂']),
    );
  });

  test('keeps welfare private and what is told in confidence confidential', () => {
    expect(services.filter(({ group, visibility }) => group === 'welfare' && visibility !== 'private')).toEqual([]);
    for (const code of ['psychologicalSupport', 'urgentHelp', 'childProtection', 'domesticViolence']) {
      expect(byCode.get(code)?.visibility, code).toBe('confidential');
    }
  });

  test('shows what is in public space and hides what is in a home', () => {
    for (const code of [
      'streetLamp',
      'manhole',
      'rubbish',
      'noise',
      'strayAnimals',
      'blockedFireLane',
      'elevatorFault',
      'commonAreaRepair',
    ]) {
      expect(byCode.get(code)?.visibility, code).toBe('public');
    }
    for (const code of ['housekeeping', 'homeRepair', 'hairdressing', 'waterSeepage', 'locksmith']) {
      expect(byCode.get(code)?.visibility, code).toBe('private');
    }
  });

  test.each(['public', 'private'])('has a %s service that asks nothing beyond the description', (visibility) => {
    const candidates = services.filter(
      (service) => service.code !== 'imported' && service.visibility === visibility && asksNothing(service),
    );
    expect(candidates.length).toBeGreaterThan(0);
  });

  test('always has urgentHelp: confidential, answered within 30 minutes, asking nothing', () => {
    const urgent = byCode.get('urgentHelp');
    expect(urgent).toMatchObject({ group: 'safety', visibility: 'confidential', respondWithin: { amount: 30, unit: 'minutes' } });
    expect(urgent && asksNothing(urgent)).toBe(true);
  });

  test('always has imported: public, resolved within 7 days, asking nothing', () => {
    const imported = byCode.get('imported');
    expect(imported).toMatchObject({ visibility: 'public', resolveWithin: { amount: 7, unit: 'days' } });
    expect(imported && asksNothing(imported)).toBe(true);
  });

  test('gives every attribute a code, a known type and its place, and every list its values', () => {
    for (const { code, attributes } of services) {
      expect(twice(attributes.map((attribute) => attribute.code)), code).toEqual([]);
      expect(
        attributes.map(({ order }) => order),
        code,
      ).toEqual(attributes.map((_, index) => index + 1));
      for (const attribute of attributes) {
        const where = `${code}.${attribute.code}`;
        expect(attribute.code, where).toMatch(CAMEL_CASE);
        expect(['string', 'number', 'datetime', 'text', ...LISTS], where).toContain(attribute.datatype);
        const keys = attribute.values?.map(({ key }) => key) ?? [];
        expect(keys.length > 1, where).toBe(LISTS.includes(attribute.datatype));
        expect(twice(keys), where).toEqual([]);
      }
    }
  });

  test('names only programmes that a source names, and every one that a service carries', () => {
    expect(twice(programmes.map(({ code }) => code))).toEqual([]);
    expect(programmes.filter(({ source }) => !source)).toEqual([]);
    const carried = new Set(services.flatMap(({ programme }) => programme ?? []));
    expect([...carried].toSorted()).toEqual(programmes.map(({ code }) => code).toSorted());
  });
});

describe('the demo divisions', () => {
  test('are Jinjiang with its streets and communities, every parent before its children', () => {
    expect([names.get('51'), names.get('5101'), names.get('510104')]).toEqual(['四川省', '成都市', '锦江区']);
    expect(twice(divisions.map(({ code }) => code))).toEqual([]);
    const seen = new Set<string>();
    const PARENT: Record<number, number> = { 4: 2, 6: 4, 9: 6, 12: 9 };
    for (const { code, name } of divisions) {
      const parent = PARENT[code.length];
      expect(parent === undefined ? code === '51' : seen.has(code.slice(0, parent)), code).toBe(true);
      expect(name, code).not.toBe('');
      seen.add(code);
    }
    const streets = divisions.filter(({ code }) => code.length === 9);
    expect(streets.filter(({ code: street }) => !divisions.some(({ code }) => code.length === 12 && code.startsWith(street)))).toEqual([]);
  });
});

/** The order of the day's work: who may take a step, from which status, to which. */
const WORKFLOW: Record<string, { as: string[]; from: string[]; to?: string }> = {
  accept: { as: ['dispatcher'], from: ['submitted'], to: 'accepted' },
  assign: { as: ['dispatcher'], from: ['accepted', 'assigned'], to: 'assigned' },
  start: { as: ['worker'], from: ['assigned'], to: 'inProgress' },
  pause: { as: ['worker'], from: ['inProgress'], to: 'paused' },
  resume: { as: ['worker'], from: ['paused'], to: 'inProgress' },
  resolve: { as: ['worker'], from: ['inProgress'], to: 'resolved' },
  close: { as: ['dispatcher'], from: ['resolved'], to: 'closed' },
  reopen: { as: ['requester', 'dispatcher'], from: ['resolved', 'closed'], to: 'accepted' },
  reject: { as: ['dispatcher'], from: ['submitted', 'accepted', 'assigned', 'inProgress'], to: 'rejected' },
  cancel: { as: ['requester'], from: ['submitted', 'accepted', 'assigned'], to: 'cancelled' },
  rating: { as: ['requester'], from: ['resolved', 'closed'] },
  comments: {
    as: ['dispatcher', 'worker', 'requester'],
    from: ['submitted', 'accepted', 'assigned', 'inProgress', 'paused', 'resolved', 'closed'],
  },
};
const NEEDS: Record<string, string[]> = {
  assign: ['to'],
  resolve: ['resolution'],
  reject: ['reason'],
  reopen: ['reason'],
  pause: ['reason'],
  comments: ['text'],
  rating: ['level'],
};
const CLOCK_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const outcome = ({ then }: DemoRequest) => then.reduce((status, { action }) => WORKFLOW[action]?.to ?? status, 'submitted');

describe('the demo day', () => {
  test.each(requests)('$at $service in $community asks for what the catalogue and the divisions have', (request) => {
    const service = byCode.get(request.service);
    expect(service).toBeDefined();
    expect(request.community).toMatch(/^\d{12}$/);
    expect(names.has(request.community)).toBe(true);
    const street = names.get(request.community.slice(0, 9)) ?? '';
    expect(request.address.startsWith(street)).toBe(true);
    const given = request.attributes ?? {};
    const known = service?.attributes ?? [];
    expect(Object.keys(given).filter((code) => !known.some((attribute) => attribute.code === code))).toEqual([]);
    for (const { code, required, datatype, values } of known) {
      const value = given[code];
      if (required) expect(value, code).toBeDefined();
      if (value === undefined) continue;
      expect(Array.isArray(value), code).toBe(datatype === 'multivaluelist');
      if (values)
        for (const key of [value].flat())
          expect(
            values.map((option) => option.key),
            code,
          ).toContain(key);
      else expect(typeof value, code).toBe(datatype === 'number' ? 'number' : 'string');
    }
  });

  test.each(requests)('$at $service comes in by a way that is open to who brings it, and names nobody real', (request) => {
    if (request.by === 'worker') {
      expect(['phone', 'counter', 'proxy']).toContain(request.channel);
      expect(request.onBehalfOf).toBeDefined();
    } else {
      expect(request.by).toBe('resident');
      expect(['app', 'web']).toContain(request.channel);
      expect(request.onBehalfOf).toBeUndefined();
    }
    for (const person of [request.contact, request.onBehalfOf]) if (person) expect(person.phone).toMatch(/^1380000\d{4}$/);
    if (request.location) {
      expect(Math.abs(request.location.lat - 30.63)).toBeLessThan(0.06);
      expect(Math.abs(request.location.long - 104.1)).toBeLessThan(0.06);
    }
  });

  test.each(requests)('$at $service is worked on in an order that the statuses allow, within the day', (request) => {
    expect(request.at).toMatch(CLOCK_TIME);
    let status = 'submitted';
    let last = 0;
    let ratings = 0;
    for (const { after, action, as, body } of request.then) {
      const rule = WORKFLOW[action];
      expect(rule?.from, action).toContain(status);
      expect(rule?.as, action).toContain(as);
      for (const field of NEEDS[action] ?? []) expect(body, action).toHaveProperty(field);
      expect(after).toMatch(CLOCK_TIME);
      expect(minutes(after)).toBeGreaterThanOrEqual(last);
      last = minutes(after);
      ratings = action === 'reopen' ? 0 : ratings + Number(action === 'rating');
      expect(ratings).toBeLessThanOrEqual(1);
      status = rule?.to ?? status;
    }
    expect(minutes(request.at) + last).toBeLessThan(24 * 60);
  });

  test('is in the order of the clock and shows every state of things', () => {
    const times = requests.map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
    const shown = new Set(requests.map(outcome));
    const all = ['submitted', 'accepted', 'assigned', 'inProgress', 'paused', 'resolved', 'closed', 'rejected', 'cancelled'];
    expect(all.filter((status) => !shown.has(status))).toEqual([]);
    const levels = requests.flatMap(({ then }) => then.filter(({ action }) => action === 'rating').map(({ body }) => body['level']));
    expect(levels).toEqual(expect.arrayContaining([5, 4, 3, 1]));
    expect(requests.some(({ then }) => then.some(({ action }) => action === 'reopen'))).toBe(true);
    expect(requests.map(({ service }) => service)).toEqual(expect.arrayContaining(['psychologicalSupport', 'urgentHelp']));
  });
});
