package dev.turnout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed while it saves; what it said was saved is there. */
class StateStoreKillTest {

    private static final int ROUNDS = 20;

    /** No further round begins after this time: a slow machine does fewer, not worse ones. */
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(15);

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void processKilledAtAnyMomentLeavesTheStateItSaidOrTheNext() throws Exception {
        long start = System.nanoTime();
        long seed = start;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Path file = folder.resolve("state.json");

        long revision = 0;
        for (int round = 0; round < ROUNDS && System.nanoTime() - start < ENOUGH_NANOS; round++) {
            long said = saveUntilKilled(file, revision + 1 + random.nextInt(30), random.nextInt(100_000));

            try (StateStore store = new StateStore(file)) {
                LoadedState loaded = store.load();
                assertThat(loaded.problem()).as("round %d", round).isEmpty();
                revision = loaded.state().orElseThrow().revision();
                assertThat(revision).as("round %d", round).isBetween(said, said + 1);
                assertThat(loaded.state()).contains(States.ofRevision(revision));
            }
        }
    }

    /** Kills some spins after the process has said {@code until}; gives the last revision that it said. */
    private static long saveUntilKilled(Path file, long until, int spins) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SavingLoop.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = process.inputReader()) {
            long said = 0;
            String line = output.readLine();
            while (line != null) {
                said = Long.parseLong(line);
                if (said == until) {
                    for (int i = 0; i < spins; i++) {
                        Thread.onSpinWait();
                    }
                    // Not that of Process, which would also close the output that is still to be read.
                    process.toHandle().destroyForcibly();
                }
                line = output.readLine();
            }
            assertThat(said).isGreaterThanOrEqualTo(until);
            return said;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
