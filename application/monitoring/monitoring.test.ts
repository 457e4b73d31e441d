/** The files of the monitoring: the dashboard works as provisioned, the compose profile finds all. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../lab/harness/programs.ts";
import { hasPrometheus, promtool } from "../../tests/support/prometheus.ts";

const read = (...path: string[]) => readFileSync(join(ROOT, ...path), "utf8");
const FOLDER = "application/monitoring";
const dashboard = JSON.parse(read(FOLDER, "grafana/dashboards/iris_queue.json"));
const { services, volumes } = parse(read("docker-compose.yml"));

test("the dashboard has no id, and asks the data source that is chosen in it", () => {
  expect(dashboard).not.toHaveProperty("id");
  expect(dashboard.uid).toMatch(/^[\w-]+$/);
  expect(dashboard).not.toHaveProperty("__inputs");
  const [variable] = dashboard.templating.list;
  expect(variable).toMatchObject({ type: "datasource", name: "datasource", query: "prometheus" });
  const chosen = { type: "prometheus", uid: "$" + "{datasource}" };
  for (const panel of dashboard.panels) {
    expect(panel.datasource).toEqual(chosen);
    expect(panel.description).toMatch(/\.$/);
    for (const target of panel.targets) expect(target.datasource).toEqual(chosen);
  }
});

test("no two panels overlap, and none stands outside of the 24 columns", () => {
  const taken = new Set<string>();
  for (const { gridPos, title } of dashboard.panels) {
    const { x, y, w, h } = gridPos;
    expect(x + w, title).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column += 1) {
      for (let row = y; row < y + h; row += 1) {
        expect(taken.has(`${column},${row}`), title).toBe(false);
        taken.add(`${column},${row}`);
      }
    }
  }
});

test("the compose profile mounts what there is, and its images have versions", () => {
  const { prometheus, grafana } = services;
  for (const service of [prometheus, grafana]) {
    expect(service.profiles).toEqual(["monitoring"]);
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const [source = ""] of service.volumes.map((volume: string) => volume.split(":"))) {
      expect(source.startsWith("./") ? existsSync(join(ROOT, source)) : source in volumes, source).toBe(true);
    }
  }
  // No other service starts with the profile that did not start without it.
  expect(services.kafka).not.toHaveProperty("profiles");
  const mounted = grafana.volumes.find((volume: string) => volume.includes("/dashboards:")).split(":")[1];
  const [provider] = parse(read(FOLDER, "grafana/provisioning/dashboards/iris.yml")).providers;
  expect(provider.options.path).toBe(mounted);
  const home = grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
  expect(existsSync(join(ROOT, FOLDER, "grafana/dashboards", basename(home)))).toBe(true);
  const [source] = parse(read(FOLDER, "grafana/provisioning/datasources/prometheus.yml")).datasources;
  const { scrape_interval } = parse(read(FOLDER, "prometheus.yml")).global;
  expect(source.jsonData.timeInterval).toBe(scrape_interval);
});

test.skipIf(!hasPrometheus()).each([
  ["check", "config", "prometheus.yml"],
  ["check", "rules", "alerts.yml"],
  ["test", "rules", "alerts_test.yml"],
])("promtool %s %s %s", async (...words) => {
  const file = join(ROOT, FOLDER, words.at(-1) ?? "");
  const { exitCode, all } = await promtool([...words.slice(0, 2), file]);
  expect({ exitCode, all }).toEqual({ exitCode: 0, all: expect.stringContaining("SUCCESS") });
});

test.skipIf(!hasPrometheus())("each alert has a case in which it fires, and one in which it does not", () => {
  const alerts = parse(read(FOLDER, "alerts.yml")).groups[0].rules.map(
    ({ alert }: { alert: string }) => alert,
  );
  const cases = parse(read(FOLDER, "alerts_test.yml")).tests.flatMap(
    ({ alert_rule_test }: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }) =>
      alert_rule_test,
  ) as { alertname: string; exp_alerts: unknown[] }[];
  for (const fires of [true, false]) {
    const tested = cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires);
    expect(new Set(tested.map(({ alertname }) => alertname))).toEqual(new Set(alerts));
  }
});
