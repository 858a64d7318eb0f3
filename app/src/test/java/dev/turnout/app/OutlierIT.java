package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Backends judged by real traffic, with the real Application and without probes. */
final class OutlierIT {

    private final RecordingBackend first = RecordingBackend.start(request -> Answer.ok("first"));
    private final RecordingBackend second = RecordingBackend.start(request -> Answer.ok("second"));
    private final RecordingBackend third = RecordingBackend.start(request -> Answer.ok("third"));

    @AfterEach
    void close() {
        first.close();
        second.close();
        third.close();
    }

    private RunningProxy.Plan plan() {
        return proxy().blue(first, second, third)
                .set("balancer", "round-robin")
                .set("outlier-detection.ejection-time", "1h")
                .set("outlier-detection.longest-ejection", "1h");
    }

    @Test
    void killedBackendIsEjectedAndNoRequestIsLost() throws Exception {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            third.close();
            for (int i = 0; i < 60; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
            awaitEjected(proxy, 2);
            JsonNode pool = proxy.status().at("/pools/blue");
            JsonNode backend = pool.at("/backends/2");
            assertThat(pool.at("/usable").asInt()).isEqualTo(2);
            assertThat(pool.at("/healthy").asInt()).isEqualTo(3);
            assertThat(backend.at("/up").asBoolean()).isTrue();
            assertThat(backend.at("/ejected/reason").asText()).startsWith("5 failures in a row, the last: ");
            int seen = backend.at("/failures/connect").asInt()
                    + backend.at("/failures/broken").asInt();
            for (int i = 0; i < 30; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
            JsonNode failures = proxy.status().at("/pools/blue/backends/2/failures");
            assertThat(failures.at("/connect").asInt() + failures.at("/broken").asInt())
                    .isEqualTo(seen);
            String label = "{backend=\"" + third.address() + "\",colour=\"blue\"}";
            assertThat(proxy.metrics().value("turnout_backend_ejected" + label)).isEqualTo(1);
            assertThat(proxy.metrics().value("turnout_backend_up" + label)).isEqualTo(1);
            Await.until("two are usable", () -> proxy.metrics().value("turnout_pool_usable{colour=\"blue\"}") == 2);
            assertThat(proxy.metrics().value("turnout_pool_panic{colour=\"blue\"}"))
                    .isZero();
            assertThat(proxy.metrics().value("turnout_backend_ejections_total" + label))
                    .isEqualTo(1);
        }
    }

    @Test
    void errorsOfTheApplicationEjectOnlyIfThatIsAskedFor() throws Exception {
        third.behave(request -> Answer.of(500, "broken"));
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            assertThat(errors(client, 60)).isEqualTo(20);
        }
        try (RunningProxy proxy =
                        plan().set("outlier-detection.server-errors", 3).start();
                RawClient client = proxy.client()) {
            // Not one more, however long it takes until it is ejected.
            assertThat(errors(client, 60)).isEqualTo(3);
            awaitEjected(proxy, 2);
            assertThat(errors(client, 60)).isZero();
            JsonNode backend = proxy.status().at("/pools/blue/backends/2");
            assertThat(backend.at("/ejected/reason").asText()).isEqualTo("3 in a row: server-error");
            assertThat(backend.at("/failures/serverError").asInt()).isEqualTo(3);
        }
    }

    @Test
    void ejectedBackendComesBackAndIsEjectedForLonger() throws Exception {
        third.behave(request -> Answer.of(500, "broken"));
        try (RunningProxy proxy = plan().set("outlier-detection.server-errors", 3)
                        .set("outlier-detection.ejection-time", "100ms")
                        .start();
                RawClient client = proxy.client()) {
            // The third ejection takes 300 ms, and may pass unseen.
            Await.until("it is ejected a third time, or once more", () -> {
                text(client);
                return proxy.status().at("/pools/blue/backends/2/ejected/times").asInt() >= 3;
            });
            third.behave(request -> Answer.ok("third"));
            Await.until("it serves again", () -> text(client).equals("third"));
        }
    }

    @Test
    void drainIsNoFailure() throws Exception {
        try (RunningProxy proxy = plan().start();
                RawClient client = proxy.client()) {
            CountDownLatch never = new CountDownLatch(1);
            first.behave(request -> new Answer(List.of(new Answer.Hold(never))));
            second.behave(request -> new Answer(List.of(new Answer.Hold(never))));
            third.behave(request -> new Answer(List.of(new Answer.Hold(never))));
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            proxy.awaitBlueInFlight(1);
            assertThat(proxy.post(
                                    "/admin/pools/blue/drain",
                                    "{\"deadline\":\"1ms\",\"onDeadline\":\"close\",\"force\":true}")
                            .statusCode())
                    .isEqualTo(200);
            Await.until(
                    "it was cut",
                    () -> proxy.status().at("/pools/blue/inFlight").asInt() == 0);
            for (JsonNode backend : proxy.status().at("/pools/blue/backends")) {
                backend.at("/failures")
                        .forEach(count -> assertThat(count.asInt()).isZero());
            }
        }
    }

    private static int errors(RawClient client, int requests) throws Exception {
        int errors = 0;
        for (int i = 0; i < requests; i++) {
            errors += client.get("/").status() == 500 ? 1 : 0;
        }
        return errors;
    }

    private static String text(RawClient client) {
        try {
            return client.get("/").text();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitEjected(RunningProxy proxy, int backend) {
        Await.until(
                "it is ejected",
                () -> proxy.status()
                                .at("/pools/blue/backends/" + backend + "/ejected")
                                .isObject()
                        && proxy.status().at("/pools/blue/usable").asInt() == 2);
    }
}
