package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a process ends that has traffic. */
final class ShutdownIT {

    private final CountDownLatch gate = new CountDownLatch(1);
    private final RecordingBackend blue = RecordingBackend.start(this::answer);

    private Answer answer(RecordedRequest request) {
        return switch (request.target()) {
            case "/long" ->
                Answer.head(200, "Content-Length: 4")
                        .thenSend("ha")
                        .thenHold(gate)
                        .thenSend("lf");
            case "/held" -> new Answer(List.of()).thenHold(gate).thenSend("HTTP/1.1 204 No Content\r\n\r\n");
            case "/never" -> Answer.never();
            default -> Answer.ok("ok");
        };
    }

    @AfterEach
    void closeBackend() {
        blue.close();
    }

    @Test
    void exchangesInFlightAreFinishedAndNewClientsTurnedAway() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient idle = proxy.client();
                RawClient begun = proxy.client();
                RawClient unanswered = proxy.client()) {
            assertThat(idle.get("/").status()).isEqualTo(200);
            begun.send(begun.request("GET", "/long") + "\r\n");
            unanswered.send(unanswered.request("GET", "/held") + "\r\n");
            proxy.awaitBlueInFlight(2);
            assertThat(proxy.get("/health/ready").statusCode()).isEqualTo(200);

            CompletableFuture<Void> closed = CompletableFuture.runAsync(proxy::close);

            assertThat(idle.closedByPeer()).isTrue();
            assertThat(proxy.get("/health/ready").statusCode()).isEqualTo(503);
            assertThat(proxy.get("/health/live").statusCode()).isEqualTo(200);
            assertThatThrownBy(proxy::client).isInstanceOf(ConnectException.class);
            assertThat(closed).isNotDone();
            gate.countDown();

            assertThat(begun.readFinal("GET").text()).isEqualTo("half");
            assertThat(begun.closedByPeer()).isTrue();
            Response last = unanswered.readFinal("GET");
            assertThat(last.status()).isEqualTo(204);
            assertThat(last.field("Connection")).isEqualTo("close");
            assertThat(unanswered.closedByPeer()).isTrue();
            closed.join();
            assertThat(blue.faults()).isEmpty();
        }
    }

    @Test
    void deadlineCutsWhatIsLeft() throws IOException {
        try (RunningProxy proxy =
                        proxy().blue(blue).set("timeouts.shutdown", "100ms").start();
                RawClient begun = proxy.client();
                RawClient unanswered = proxy.client()) {
            begun.send(begun.request("GET", "/long") + "\r\n");
            unanswered.send(unanswered.request("GET", "/never") + "\r\n");
            proxy.awaitBlueInFlight(2);
            Await.until("the answer has begun", () -> begun.hasUnread());

            CompletableFuture.runAsync(proxy::close).join();

            assertThatThrownBy(() -> begun.readFinal("GET")).isInstanceOf(EOFException.class);
            Response refused = unanswered.readFinal("GET");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("shutting-down");
            assertThat(unanswered.closedByPeer()).isTrue();
        }
    }

    @Test
    void listenersStayOpenForTheDelayAndEveryAnswerIsTheLast() throws IOException {
        try (RunningProxy proxy =
                        proxy().blue(blue).set("timeouts.shutdown-delay", "6s").start();
                RawClient early = proxy.client()) {
            assertThat(early.get("/").fields().has("Connection")).isFalse();

            CompletableFuture<Void> closed = CompletableFuture.runAsync(proxy::close);
            Await.until("not ready", () -> proxy.get("/health/ready").statusCode() == 503);

            try (RawClient late = proxy.client()) {
                assertThat(late.get("/").field("Connection")).isEqualTo("close");
                assertThat(late.closedByPeer()).isTrue();
            }
            assertThat(early.get("/").field("Connection")).isEqualTo("close");
            closed.join();
            assertThatThrownBy(proxy::client).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void requestThatIsHalfSentWhenTheEndBeginsIsStillServed() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client();
                RawClient idle = proxy.client()) {
            assertThat(client.get("/").status()).isEqualTo(200);
            assertThat(idle.get("/").status()).isEqualTo(200);
            client.send(client.request("POST", "/", "Content-Length: 4") + "\r\nbo");
            proxy.awaitBlueInFlight(1);

            CompletableFuture<Void> closed = CompletableFuture.runAsync(proxy::close);
            assertThat(idle.closedByPeer()).isTrue();
            client.send("dy");

            assertThat(client.readFinal("POST").text()).isEqualTo("ok");
            assertThat(client.closedByPeer()).isTrue();
            closed.join();
        }
    }
}
