package dev.turnout.proxy.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.WebhookSettings;
import dev.turnout.proxy.webhook.Webhook.Deliveries;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a receiver that does not do its part may cost. */
@Timeout(60)
final class WebhookTest {

    private final Deliveries deliveries = Deliveries.none();

    private Webhook webhook(String url) {
        WebhookSettings settings =
                new WebhookSettings(URI.create(url), Optional.empty(), Set.of(), Duration.ofMinutes(10), 8);
        Webhook webhook = new Webhook(settings, Optional.empty(), Clock.systemUTC(), deliveries);
        webhook.start();
        return webhook;
    }

    private static Message message(int number) {
        return new Message("id-" + number, "switch", "{}");
    }

    @Test
    void messagesBehindADeliveryThatHangsAreBounded() throws IOException {
        try (ServerSocket receiver = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Webhook webhook = webhook("http://127.0.0.1:" + receiver.getLocalPort() + "/")) {
            webhook.tell(message(0));
            try (Socket inHand = receiver.accept()) {
                assertThat(inHand.isConnected()).isTrue();

                for (int i = 1; i <= Webhook.QUEUE_LIMIT + 5; i++) {
                    webhook.tell(message(i));
                }

                assertThat(deliveries.dropped().sum()).isEqualTo(5);
                assertThat(deliveries.pending()).hasValue(1 + Webhook.QUEUE_LIMIT);
            }
        }
    }
}
