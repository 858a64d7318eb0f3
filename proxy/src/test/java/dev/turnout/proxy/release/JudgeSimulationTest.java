package dev.turnout.proxy.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.release.Stream.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * A thousand seeded releases of each kind, judged. With {@code -Djudge.write=true} the table is written into docs/judge.md,
 * with two other ways to judge on the same streams.
 */
final class JudgeSimulationTest {

    private static final int RUNS = 1000;
    private static final boolean WRITES = Boolean.getBoolean("judge.write");
    private static final Path PAGE = Path.of("..", "docs", "judge.md");
    private static final List<String> ROWS = new ArrayList<>();

    private record Result(double alarms, double medianSeconds, long mostFailed, double withinTenMinutes) {}

    /** Requests a second, share, probability of a bad attempt on each colour, backends of each. */
    private record Steady(double requests, double share, double baseline, double candidate, int backends)
            implements Scenario {
        @Override
        public double share(long second) {
            return share;
        }

        @Override
        public double requests(long second) {
            return requests;
        }

        @Override
        public double bad(long second, boolean isCandidate) {
            return isCandidate ? candidate : baseline;
        }
    }

    @Test
    void healthyReleasesAreLeftAlone() {
        assertThat(play("healthy, 6,000/min, 10 %, errors 0.1 %", new Steady(100, 0.1, 0.001, 0.001, 1), 3600)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
        assertThat(play("healthy, 6,000/min, 10 %, errors 0.8 %", new Steady(100, 0.1, 0.008, 0.008, 1), 3600)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
        assertThat(play("healthy, the same, 3 backends each", new Steady(100, 0.1, 0.008, 0.008, 3), 3600)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
        assertThat(play("healthy, 20/min, 10 %, errors 0.5 %", new Steady(20 / 60.0, 0.1, 0.005, 0.005, 2), 3600)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
    }

    @Test
    void rampWhileTheRateDriftsIsLeftAlone() {
        Scenario ramp = new Scenario() {
            private final double[] shares = {0.01, 0.05, 0.25, 0.5};

            @Override
            public double share(long second) {
                return shares[(int) (second / 600)];
            }

            @Override
            public double requests(long second) {
                return 100;
            }

            @Override
            public double bad(long second, boolean candidate) {
                return 0.001 + 0.003 * second / 2400;
            }

            @Override
            public int backends() {
                return 2;
            }
        };

        assertThat(play("healthy, ramp 1/5/25/50 %, both drift from 0.1 to 0.4 %", ramp, 2400)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
    }

    @Test
    void incidentOfBothColoursIsLeftAlone() {
        Scenario incident = new Scenario() {
            @Override
            public double share(long second) {
                return 0.1;
            }

            @Override
            public double requests(long second) {
                return 100;
            }

            @Override
            public double bad(long second, boolean candidate) {
                return second >= 1200 && second < 1380 ? 0.2 : 0.001;
            }
        };

        assertThat(play("healthy, 3 min with 20 % errors on both", incident, 3600)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
    }

    @Test
    void usersWhoAlwaysFailDoNotAccuseTheirColour() {
        Scenario bots = new Scenario() {
            @Override
            public double share(long second) {
                return 0.1;
            }

            @Override
            public double requests(long second) {
                return 100;
            }

            @Override
            public double bad(long second, boolean candidate) {
                return 0.001;
            }

            @Override
            public int bots() {
                return 5;
            }
        };

        assertThat(play("healthy, 5 of 2,005 sticky users always fail", bots, 3600)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
    }

    @Test
    void pausesOfBackendsDoNotAccuseTheirColour() {
        Scenario pauses = new Scenario() {
            @Override
            public double share(long second) {
                return 0.5;
            }

            @Override
            public double requests(long second) {
                return 100;
            }

            @Override
            public double bad(long second, boolean candidate) {
                return 0.01;
            }

            @Override
            public Signal signal() {
                return Signal.SLOW;
            }

            @Override
            public int backends() {
                return 2;
            }

            @Override
            public double pauses() {
                return 1 / 30.0;
            }
        };

        assertThat(play("healthy, 50 %, each of 4 backends stands still for 1 s in 30", pauses, 3600)
                        .alarms())
                .isLessThanOrEqualTo(0.02);
    }

    @Test
    void brokenCanaryIsCaughtWithinFiveFailedRequests() {
        Result result = play("all fail, 20 requests/s, 10 %", new Steady(20, 0.1, 0, 1, 1), 600);

        assertThat(result.alarms()).isEqualTo(1.0);
        assertThat(result.mostFailed()).isLessThanOrEqualTo(5);
    }

    @Test
    void fiveTimesTheErrorsAreCaughtWithinTenMinutes() {
        Result result = play("5 times worse, 6,000/min, 10 %", new Steady(100, 0.1, 0.001, 0.005, 2), 3600);

        assertThat(result.withinTenMinutes()).isGreaterThan(0.95);
    }

    @Test
    void canaryThatGetsWorseLateIsCaught() {
        Scenario late = new Scenario() {
            @Override
            public double share(long second) {
                return 0.1;
            }

            @Override
            public double requests(long second) {
                return 100;
            }

            @Override
            public double bad(long second, boolean candidate) {
                return candidate && second >= 1800 ? 0.003 : 0.001;
            }
        };

        assertThat(play("3 times worse from minute 31 on", late, 3600).alarms()).isGreaterThan(0.5);
        play("2 times worse, 6,000/min, 10 %", new Steady(100, 0.1, 0.001, 0.002, 1), 3600);
    }

    private static Result play(String name, Scenario scenario, long seconds) {
        Result ours = play(scenario, seconds, Judges.Ours::new);
        StringBuilder row = new StringBuilder("| " + name + " | " + cell(ours));
        if (WRITES) {
            row.append(" | ").append(cell(play(scenario, seconds, Judges.FixedThreshold::new)));
            row.append(" | ").append(cell(play(scenario, seconds, Judges.ZEachMinute::new)));
        }
        ROWS.add(row + " |");
        return ours;
    }

    private static String cell(Result result) {
        String alarms = String.format(Locale.ROOT, "%.1f %%", 100 * result.alarms());
        return result.alarms() == 0
                ? "0"
                : alarms + " (" + String.format(Locale.ROOT, "%.1f min)", result.medianSeconds() / 60);
    }

    private static Result play(Scenario scenario, long seconds, Supplier<Stream.Judge> judges) {
        List<Long> alarms = new ArrayList<>();
        long mostFailed = 0;
        for (int run = 0; run < RUNS; run++) {
            long[] failed = {0};
            long at = new Stream(scenario, seconds, run).play(judges.get(), failed);
            if (at >= 0) {
                alarms.add(at);
            }
            mostFailed = Math.max(mostFailed, failed[0]);
        }
        long[] sorted = alarms.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Result(
                (double) sorted.length / RUNS,
                sorted.length == 0 ? 0 : sorted[sorted.length / 2],
                mostFailed,
                (double) Arrays.stream(sorted).filter(at -> at < 600).count() / RUNS);
    }

    @AfterAll
    static void show() throws IOException {
        ROWS.sort(null);
        ROWS.forEach(System.out::println);
        if (WRITES) {
            String page = Files.readString(PAGE);
            String begin = "<!-- table: made by JudgeSimulationTest -->\n";
            int from = page.indexOf(begin) + begin.length();
            int to = page.indexOf("<!-- end of table -->");
            String head = "| releases | Turnout | fixed threshold | z-test each minute |\n|---|---|---|---|\n";
            Files.writeString(
                    PAGE, page.substring(0, from) + head + String.join("\n", ROWS) + "\n" + page.substring(to));
        }
    }
}
