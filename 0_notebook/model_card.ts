/** The model card for people (Mitchell et al., 2019, "Model Cards for Model Reporting", arXiv:1810.03993). */
import Table from "cli-table3";
import type { ModelCard } from "../common/model_file.ts";

/** The card as a table, then the confusion matrix of the cross-validation. No colours: it is also piped. */
export function formatModelCard(card: ModelCard): string {
  const { trees, max_features, replacement } = card.hyperparameters;
  const drawn = replacement ? "with" : "without";
  const { folds, accuracy, standard_deviation, confusion_matrix } = card.cross_validation;
  const facts = plainTable();
  facts.push(
    ["Model", `${card.version} (format ${card.format_version})`],
    ["Library", `${card.library.name} ${card.library.version}`],
    ["Forest", `${trees} trees, ${max_features} features each, ${drawn} replacement, seed ${card.seed}`],
    ["Trained on", `${card.training_data.rows} rows, SHA-256 ${card.training_data.sha256.slice(0, 12)}...`],
    ["Accuracy", `${percent(accuracy)} +/- ${percent(standard_deviation)} (${folds}-fold cross-validation)`],
  );
  const matrix = plainTable(["actual \\ predicted", ...card.classes]);
  for (const [row, species] of card.classes.entries())
    matrix.push([species, ...(confusion_matrix[row] ?? [])]);
  return `${facts}\n${matrix}`;
}

function plainTable(head: string[] = []) {
  return new Table({ head, style: { head: [], border: [] } });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
