package dev.turnout.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every target, first with what is committed, then with what Jazzer makes of it, guided by coverage. In every build that is a
 * number of runs; with {@code -Pfuzz} it is a time. Jazzer ends its process, so it has one of its own.
 */
class FuzzTest {

    private static final long SEED = Long.getLong("turnout.fuzz.seed", 1);
    /** Minutes of all targets together; 0: as many runs as each target names. */
    private static final long MINUTES = Long.getLong("turnout.fuzz.minutes", 0);

    private static final String LOOKED_AT = "dev.turnout.proxy.http.**:dev.turnout.proxy.connection.**"
            + ":dev.turnout.proxy.exchange.**:dev.turnout.proxy.frontend.**";

    private static final Path WORK = Path.of("target", "fuzz").toAbsolutePath();

    @ParameterizedTest
    @EnumSource(Target.class)
    void seedsShowNoFault(Target target) {
        assertThat(target.seeds()).hasSizeGreaterThan(10);

        target.seeds().forEach(target::run);
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void fuzzerFindsNoFault(Target target) throws Exception {
        Path folder = WORK.resolve(target.fileName());
        // A short run begins with nothing but the seeds, to be the same in every build; a long one goes on where the
        // last ended.
        Path corpus = MINUTES == 0
                ? Files.createTempDirectory(Files.createDirectories(folder), "short")
                : Files.createDirectories(folder.resolve("long"));
        writeSeeds(target, Files.createDirectories(folder.resolve("seeds")));
        Path log = folder.resolve(MINUTES == 0 ? "short.log" : "long.log");

        int exit = new ProcessBuilder(command(target, folder, corpus))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();

        List<String> lines = Files.readAllLines(log);
        System.out.printf("%s, seed %s: %s%n", target, SEED, String.join("; ", summary(lines)));
        assertThat(exit)
                .as("%s, seed %s, log %s:%n%s", target, SEED, log, String.join("\n", tail(lines)))
                .isZero();
        assertThat(lines)
                .as("coverage is counted")
                .anyMatch(line -> line.matches("#\\d+\\s+(DONE|NEW|REDUCE) .*cov: \\d+.*"));
    }

    private static List<String> command(Target target, Path folder, Path corpus) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                // Leaks are found by counting, see Faults.
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        if (MINUTES == 0) {
            // Most of a short run is starting up.
            command.add(1, "-XX:TieredStopAtLevel=1");
        }
        if (Runtime.version().feature() >= 24) {
            command.addAll(1, List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of(
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.className(),
                "--instrumentation_includes=" + LOOKED_AT,
                // Jazzer's detectors of injections have nothing to find here, and break Netty's use of Unsafe.
                "--custom_hook_includes=" + LOOKED_AT,
                "--instrumentation_excludes=dev.turnout.proxy.fuzz.**:dev.turnout.proxy.frontend.FuzzedWire*"
                        + Arrays.stream(Target.values())
                                .map(each -> ":" + each.className())
                                .collect(Collectors.joining()),
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-dict="
                        + Path.of("src", "test", "resources", "fuzz", "http.dict")
                                .toAbsolutePath(),
                "-seed=" + SEED,
                "-max_len=1500",
                "-timeout=30",
                "-print_final_stats=1",
                MINUTES == 0 ? "-runs=" + target.runs() : "-max_total_time=" + MINUTES * 60 / Target.values().length,
                corpus.toString(),
                folder.resolve("seeds").toString()));
        return command;
    }

    private static void writeSeeds(Target target, Path folder) throws IOException {
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve(String.format("%03d", i)), seeds.get(i));
        }
    }

    private static List<String> summary(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("stat::number_of_executed_units")
                        || line.matches("#\\d+\\s+DONE .*")
                        || line.startsWith("INFO: Seed:"))
                .toList();
    }

    private static List<String> tail(List<String> lines) {
        return lines.subList(Math.max(0, lines.size() - 60), lines.size());
    }
}
