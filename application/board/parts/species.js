/**
 * The three species, in the colours of the notebook (Okabe and Ito's, which people tell apart who do not see
 * red and green). Beside its colour a block has as many light lines as its iris_type says: 0, 1 or 2.
 * @import { Species } from "../../../common/iris.ts"
 */

/** Index = iris_type. @type {readonly Species[]} */
export const SPECIES = ["setosa", "versicolor", "virginica"];

/** @type {Readonly<Record<Species, string>>} */
export const COLOURS = { setosa: "#009e73", versicolor: "#d55e00", virginica: "#0072b2" };

/** What is written on a block: the one of the two that is easier to read there. */
export const ON_COLOUR = { setosa: "#0b0c0d", versicolor: "#0b0c0d", virginica: "#ffffff" };

/**
 * @param {string} outcome
 * @returns {outcome is Species}
 */
export const isSpecies = (outcome) => outcome in COLOURS;
