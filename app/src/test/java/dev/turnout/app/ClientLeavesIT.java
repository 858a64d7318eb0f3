package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.Await;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that is gone must not keep a backend busy, nor a drain waiting. NIO cannot tell before the next write. */
final class ClientLeavesIT {

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll"})
    void clientThatClosesAmidAnAnswerFreesItsBackend(String transport) throws IOException {
        try (RecordingBackend blue = RecordingBackend.start(request ->
                        Answer.head(200, "Content-Length: 4").thenSend("ha").thenHold(new CountDownLatch(1)));
                RunningProxy proxy = proxy().set("transport", transport)
                        .set("workers", 1)
                        .set("timeouts.shutdown", "100ms")
                        .blue(blue)
                        .start()) {
            RawClient client = proxy.client();
            client.send(client.request("GET", "/") + "\r\n");
            Await.until("the answer has begun", () -> client.hasUnread());

            // FIN, and RST at once, because there is something that it has not read.
            client.close();

            Await.until("the backend connection is closed", () -> blue.openConnections() == 0);
        }
    }
}
