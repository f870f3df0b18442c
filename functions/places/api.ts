import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { put as putChildcare } from './childcare/put.ts';
import { list as listChildcare, read as readChildcare } from './childcare/read.ts';
import { placeOperations } from './contract.ts';
import { putDay } from './meal-points/put-day.ts';
import { put as putMealPoint } from './meal-points/put.ts';
import { list as listMealPoints, read as readMealPoint, readDay, readMonth } from './meal-points/read.ts';
import { put } from './put.ts';
import { list, read } from './read.ts';
import { check } from './service-points/check.ts';
import { list as listEntitlements } from './service-points/list-entitlements.ts';
import { put as putServicePoint } from './service-points/put.ts';
import { list as listServicePoints, read as readServicePoint, readClaim } from './service-points/read.ts';
import { placesTable } from './table.ts';

export const places = service({
  domain: 'places',
  table: placesTable,
  operations: placeOperations,
  handlers: {
    listFacilities: list,
    readFacility: read,
    putFacility: put,
    putMealPoint,
    readMealPoint,
    listMealPoints,
    putMealDay: putDay,
    readMealDay: readDay,
    readMealMonth: readMonth,
    putChildcare,
    readChildcare,
    listChildcare,
    putServicePoint,
    readServicePoint,
    listServicePoints,
    readEntitlement: readClaim,
    checkEntitlement: check,
    listEntitlements,
  },
});

export const handler = lambda(places.build);
