/** Degrees to 12 decimals: nothing that was measured is lost, and nothing is closer to zero than DynamoDB takes (1E-130). */
const DECIMALS = 12;
export const roundDegrees = (degrees: number): number => Number(degrees.toFixed(DECIMALS));
