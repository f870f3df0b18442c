/** What things are called in care, by rules and contract alike. */

/** Living alone 独居, empty nest 空巢, left behind 留守, disabled 失能, severely disabled 重残, families that lost their only child 计划生育特殊家庭. */
export const CATEGORIES = ['livingAlone', 'emptyNest', 'leftBehind', 'disabled', 'severelyDisabled', 'specialFamily'] as const;
export const NEEDS = ['meals', 'cleaning', 'bathing', 'medical', 'companionship'] as const;
export const END_REASONS = ['moved', 'died', 'noLongerNeeded', 'other'] as const;
export const VISIT_MODES = ['inPerson', 'phone', 'video'] as const;
export const VISIT_OUTCOMES = ['well', 'needsHelp', 'notFound'] as const;
export const WINDOW_STATES = ['visited', 'open', 'missed'] as const;
