package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.RaceBackend;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The keep-alive race: backends that end connections at the worst moments lose no GET and have no POST twice. As many trials
 * as {@code -Drace.trials} says; acceptance/keep-alive-race.sh asks for 10,000.
 */
final class KeepAliveRaceIT {

    private static final int TRIALS = Integer.getInteger("race.trials", 1_000);
    private static final int CLIENTS = 8;

    private final long seed =
            Long.getLong("race.seed", ThreadLocalRandom.current().nextLong());
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger gets = new AtomicInteger();
    private final AtomicInteger posts = new AtomicInteger();
    private final AtomicInteger postsUnanswered = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void noGetIsLostAndNoPostIsDoneTwice(int backends, TestReporter reporter) throws Exception {
        List<RaceBackend> blue = new ArrayList<>();
        for (int i = 0; i < backends; i++) {
            blue.add(RaceBackend.start(seed + 1_000_000L * i, 60_000, 0));
        }
        try (RunningProxy proxy = on(blue).start()) {

            run(proxy, blue, TRIALS / 2, 3);

            report(reporter, backends + " backends", blue);
        } finally {
            blue.forEach(RaceBackend::close);
        }
        assertThat(faults).isEmpty();
        assertThat(blue).allMatch(backend -> backend.ended() > TRIALS / 100);
    }

    /** A backend closes idle connections after two seconds; it says so, or the operator's setting does. */
    @ParameterizedTest
    @ValueSource(ints = {2, 0})
    void idleConnectionIsClosedBeforeTheBackendDoesIt(int toldSeconds, TestReporter reporter) throws Exception {
        List<RaceBackend> blue = List.of(RaceBackend.start(seed, 2_000, toldSeconds));
        try (RunningProxy proxy = on(blue).set("timeouts.backend-keep-alive", toldSeconds == 0 ? "1s" : "60s")
                .start()) {

            run(proxy, blue, 4 * CLIENTS, 2_200);

            report(reporter, "told " + toldSeconds + " s", blue);
        } finally {
            blue.forEach(RaceBackend::close);
        }
        assertThat(faults).isEmpty();
    }

    private RunningProxy.Plan on(List<RaceBackend> blue) {
        return proxy().blueAt(blue.stream().map(RaceBackend::address).toArray(String[]::new));
    }

    private void run(RunningProxy proxy, List<RaceBackend> blue, int trials, int mostPauseMillis) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Callable<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.add(() -> {
                    talk(proxy, blue, number, trials / CLIENTS, mostPauseMillis);
                    return null;
                });
            }
            for (Future<Void> each : threads.invokeAll(clients)) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void talk(RunningProxy proxy, List<RaceBackend> blue, int number, int trials, int mostPauseMillis)
            throws IOException, InterruptedException {
        Random random = new Random(seed + number);
        try (RawClient client = proxy.client()) {
            for (int i = 0; i < trials; i++) {
                Thread.sleep(random.nextInt(mostPauseMillis), random.nextInt(1_000_000));
                boolean post = random.nextInt(3) == 0;
                String target = "/" + number + "-" + i;
                Response answer = post ? client.post(target, "x".repeat(random.nextInt(2_000))) : client.get(target);
                int acted =
                        blue.stream().mapToInt(each -> each.actedUpon(target)).sum();
                if (post) {
                    judgePost(target, answer, acted);
                } else {
                    gets.incrementAndGet();
                    if (answer.status() != 200 || !answer.text().equals(target)) {
                        faults.add("GET " + target + ": " + answer.status() + " " + answer.text());
                    }
                }
            }
        }
    }

    private void judgePost(String target, Response answer, int acted) {
        posts.incrementAndGet();
        boolean answered = answer.status() == 200 && answer.text().equals(target) && acted == 1;
        // Nobody knows whether it was carried out: then the client is told so, and it is not sent again.
        boolean unanswered = answer.status() == 502 && acted <= 1;
        if (unanswered) {
            postsUnanswered.incrementAndGet();
        }
        if (!answered && !unanswered) {
            faults.add("POST " + target + ": " + answer.status() + ", acted upon " + acted + " times");
        }
    }

    /** On the console, for the script, and in the test's report. */
    @SuppressWarnings("SystemOut")
    private void report(TestReporter reporter, String what, List<RaceBackend> blue) {
        String words = "seed " + seed + ": " + gets + " GETs, " + posts + " POSTs, " + postsUnanswered
                + " of them unanswered (502), "
                + blue.stream().mapToInt(RaceBackend::ended).sum()
                + " connections ended under the proxy, " + faults.size() + " faults";
        System.out.println("keep-alive race, " + what + ": " + words);
        reporter.publishEntry("keep-alive race, " + what, words);
    }
}
