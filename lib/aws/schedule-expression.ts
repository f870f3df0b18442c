/** A declaration's five cron fields as EventBridge Scheduler writes them: six fields, and `?` in the one of the two days that says nothing. */

const FIELDS = 5;
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;

/** Sunday is 0 or 7 in cron and 1 in EventBridge; a name is the same day in both. */
const weekdays = (field: string): string =>
  field
    .split(',')
    .map((part) => {
      const [range = '', step] = part.split('/');
      if (step !== undefined) throw new Error(`a step in the weekday field has no equal in EventBridge: "${field}"`);
      return range
        .split('-')
        .map((day) => (/^\d$/.test(day) ? (WEEKDAYS[Number(day) % WEEKDAYS.length] ?? day) : day.toUpperCase()))
        .join('-');
    })
    .join(',');

/** `30 0 1 * *` → `cron(30 0 1 * ? *)`. Throws where the two forms cannot say the same. */
export const scheduleExpression = (cron: string): string => {
  const fields = cron.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (
    fields.length !== FIELDS ||
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined
  )
    throw new Error(`"${cron}" must have five fields: minute, hour, day of month, month, weekday`);
  if (day !== '*' && weekday !== '*')
    throw new Error(`"${cron}" names a day of the month and a weekday: cron takes either, EventBridge cannot say so`);
  const steps = (field: string): string => field.replace(/^\*\//, '0/');
  const fromFirst = (field: string): string => field.replace(/^\*\//, '1/');
  const days = weekday === '*' ? `${fromFirst(day)} ${fromFirst(month)} ?` : `? ${fromFirst(month)} ${weekdays(weekday)}`;
  return `cron(${steps(minute)} ${steps(hour)} ${days} *)`;
};
