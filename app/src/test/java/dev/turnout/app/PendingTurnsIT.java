package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that wait for room in a pool are served in their turns, whichever event loop they are on. */
final class PendingTurnsIT {

    private final RecordingBackend backend = RecordingBackend.start(request -> worked());

    @AfterEach
    void close() {
        backend.close();
    }

    private static Answer worked() {
        // At once, and hardly anybody would have to wait.
        LockSupport.parkNanos(200_000);
        return Answer.ok("ok");
    }

    @Test
    void whoComesAnewDoesNotOvertakeThoseWhoWait() throws Exception {
        List<Integer> between = servedBetweenTwoOfOneClient(false);

        // One of each other client; more only where the thread of this one had to wait for a processor.
        assertThat(between.get(between.size() * 95 / 100)).isLessThan(24 * 2);
    }

    @Test
    void nobodyWaitsForManyTurns() throws Exception {
        // Its next request is here when the last is answered, whenever its thread gets a processor.
        List<Integer> between = servedBetweenTwoOfOneClient(true);

        assertThat(between.get(between.size() - 1)).isLessThan(24 * 8);
    }

    /** Of 24 clients with 40 requests each, in order of size: how many turns lie between one and the next of the same client. */
    private List<Integer> servedBetweenTwoOfOneClient(boolean pipelined) throws Exception {
        List<String> begun = Collections.synchronizedList(new ArrayList<>());
        backend.onRequest(request -> begun.add(request.field("X-Client")));
        try (RunningProxy proxy = proxy().blue(backend)
                .set("workers", 2)
                .set("backend-limits.in-flight", 1)
                .set("backend-limits.pending-timeout", "1m")
                .start()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                String name = "c" + i;
                threads.add(new Thread(() -> {
                    try (RawClient client = proxy.client()) {
                        String request = client.request("GET", "/", "X-Client: " + name) + "\r\n";
                        for (int round = 0; round < 40; round++) {
                            if (!pipelined || round == 0) {
                                client.send(pipelined ? request.repeat(40) : request);
                            }
                            assertThat(client.read().status()).isEqualTo(200);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(begun).hasSize(24 * 40);
        List<Integer> between = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            int from = begun.indexOf("c" + i);
            for (int at = from + 1; at < begun.size(); at++) {
                if (begun.get(at).equals("c" + i)) {
                    between.add(at - from);
                    from = at;
                }
            }
        }
        assertThat(between).hasSize(24 * 39);
        between.sort(null);
        return between;
    }
}
